// Pictures of every page, for people to look at: node end2end/screenshots.mjs DIRECTORY
import tests from "./playwright.config";

export default { ...tests, testDir: "screenshots", testMatch: "*.ts", outputDir: "test-results/screenshots", projects: [{ name: "screenshots" }] };
