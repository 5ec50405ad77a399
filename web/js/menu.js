/* Menus made of <details class="menu">: Escape and a click elsewhere close them. */
export function setUpMenus(root) {
  const close = (menu) => {
    menu.open = false;
  };
  for (const menu of root.querySelectorAll("details.menu")) {
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) {
        event.stopPropagation();
        close(menu);
        menu.querySelector("summary").focus();
      }
    });
    document.addEventListener("pointerdown", (event) => {
      if (menu.open && !menu.contains(event.target)) {
        close(menu);
      }
    });
  }
}
