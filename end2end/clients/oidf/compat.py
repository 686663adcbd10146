"""What the suite expects of Python and Python no longer has. Imported before the suite."""

import collections
import collections.abc
import importlib
import inspect
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
for name in ("Mapping", "MutableMapping", "Sequence", "Iterable", "Callable"):
    setattr(collections, name, getattr(collections.abc, name))
inspect.getargspec = inspect.getfullargspec
# Copies for a Python that was older than these modules; they no longer load.
for name in ("http", "http.cookies", "http.cookiejar", "http.client", "urllib", "urllib.parse", "urllib.request"):
    sys.modules[f"future.backports.{name}"] = importlib.import_module(name)
