import classes from "./Brand.module.css";

export function Brand() {
  return (
    <span className={classes.brand}>
      <img src="/favicon.svg" width={26} height={26} alt="" />
      PingOne Import Tool
    </span>
  );
}
