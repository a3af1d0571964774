// The measure of the benchmark, as plain as it can be.
export { default, Line } from "./build/index.js";
