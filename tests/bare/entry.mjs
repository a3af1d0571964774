// The measure of the benchmark, as plain as it can be.
import { fetch } from "./build/index.js";

export { Line } from "./build/index.js";
export default { fetch };
