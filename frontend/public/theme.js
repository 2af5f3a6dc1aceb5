// Before the first paint: the theme that the person chose, where it is not the system's. A file of
// its own since the content security policy allows no inline script.
try {
  const { theme } = JSON.parse(localStorage.getItem("audit.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed or holds something else: the system's theme stands.
}
