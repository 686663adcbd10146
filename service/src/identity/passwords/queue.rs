//! Who waits for a thread. Those who ask from one place wait for one another, and not those who ask from elsewhere: each
//! place has its turn, and where there is room for nobody more, who has most in the queue gives a place up.

use std::collections::VecDeque;

/// Jobs by where they come from, whose turn it is first. None of the lists is empty.
pub(super) struct Queue<P, J> {
    waiting: VecDeque<(P, VecDeque<J>)>,
    most: usize,
}

impl<P: PartialEq, J> Queue<P, J> {
    pub(super) const fn new(most: usize) -> Self {
        Self { waiting: VecDeque::new(), most }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.iter().map(|(_, own)| own.len()).sum()
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// False when there is no room.
    pub(super) fn push(&mut self, place: P, job: J) -> bool {
        let own = self.waiting.iter().position(|(other, _)| *other == place);
        if self.len() >= self.most {
            let mine = own.map_or(0, |at| self.waiting[at].1.len());
            match self.waiting.iter_mut().map(|(_, jobs)| jobs).max_by_key(|jobs| jobs.len()) {
                Some(longest) if longest.len() > mine + 1 => longest.pop_back(),
                _ => return false,
            };
        }
        match own {
            Some(at) => self.waiting[at].1.push_back(job),
            None => self.waiting.push_back((place, [job].into())),
        }
        true
    }

    pub(super) fn pop(&mut self) -> Option<J> {
        let (place, mut jobs) = self.waiting.pop_front()?;
        let job = jobs.pop_front();
        if !jobs.is_empty() {
            self.waiting.push_back((place, jobs));
        }
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_much_waits_for_themselves() {
        let mut queue = Queue::new(6);
        for job in 0..6 {
            assert!(queue.push('a', ('a', job)));
        }
        assert!(!queue.push('a', ('a', 6)), "nobody puts themselves out");
        for job in 0..3 {
            assert!(queue.push('b', ('b', job)), "{job}");
        }
        assert!(!queue.push('b', ('b', 3)), "they have as much");
        assert!(queue.push('c', ('c', 0)));
        assert_eq!(queue.len(), 6);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        // The first of each, then the next: who came last in the longest list is out.
        assert_eq!(order.iter().filter(|(place, _)| *place == 'c').count(), 1);
        assert_eq!(order[..4], [('a', 0), ('b', 0), ('c', 0), ('a', 1)]);
        assert_eq!((order.len(), queue.len()), (6, 0));
    }
}
