/* Runs before the first paint, so that the page never flashes in the other theme. */
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("candlewick.theme");
  } catch {
    /* storage is off: the system's theme it is */
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = chosen === "dark" || chosen === "light" ? chosen : dark ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
})();
