// The page for whoever is not signed in.

import { begin } from "./words.js";

await begin();
