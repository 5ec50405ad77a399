/* The address of the page: what the reader chose, so that a reload, a link and Back show it again.
 *
 *     ?coin=&interval=&of=&source=&from=&to=#TAB         the chart
 *     ?topic=&partition=&offset=#messages                a message
 *
 * A choice is a step that Back undoes (push); what moves all the time, such as the range of the
 * chart, is not (replace). */
const listeners = [];

/* The value of a parameter, or null. */
export function get(name) {
  return new URLSearchParams(location.search).get(name);
}

/* The name of the tab, or "". */
export function tab() {
  return location.hash.slice(1);
}

/* The address with some parameters changed: those that are null or undefined are taken out. */
function changed(changes, tabName) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined) {
      query.delete(name);
    } else {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return `${location.pathname}${text ? `?${text}` : ""}${tabName ? `#${tabName}` : ""}`;
}

function isShown(address) {
  return address === `${location.pathname}${location.search}${location.hash}`;
}

/* The reader chose something: Back undoes it. */
export function push(changes, tabName = tab()) {
  const address = changed(changes, tabName);
  if (!isShown(address)) {
    history.pushState(null, "", address);
  }
}

/* The same place, told more exactly. */
export function replace(changes, tabName = tab()) {
  const address = changed(changes, tabName);
  if (!isShown(address)) {
    history.replaceState(null, "", address);
  }
}

/* Calls `listener` after Back, Forward, or a change of the address by hand. */
export function onBack(listener) {
  listeners.push(listener);
}

addEventListener("popstate", () => listeners.forEach((listener) => listener()));
