import * as address from "./address.js";

/* Gives a function that shows the tab of a name. Tabs as the ARIA pattern has them: arrow keys, Home and End move, one tab stop. The address
 * keeps the choice (#group), so that a reload, a link and Back open the same one. */
export function setUpTabs(tabs, onShow) {
  const name = (tab) => tab.id.replace("tab-", "");

  const show = (tab, { focus = false, keep = true } = {}) => {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
    }
    if (focus) {
      tab.focus();
    }
    if (keep) {
      address.push({}, name(tab));
    }
    onShow(name(tab));
  };

  const fromAddress = () => tabs.find((tab) => name(tab) === address.tab());

  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        show(tabs[(step + tabs.length) % tabs.length], { focus: true });
      }
    });
  });
  address.onBack(() => {
    const tab = address.tab() === "" ? tabs[0] : fromAddress();
    if (tab) {
      show(tab, { keep: false });
    }
  });
  show(fromAddress() ?? tabs[0], { keep: false });
  return (wanted) => {
    const tab = tabs.find((other) => name(other) === wanted);
    show(tab, { focus: true });
  };
}
