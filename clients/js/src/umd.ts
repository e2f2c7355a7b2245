export { Adaptive as default } from "./adaptive.js";
