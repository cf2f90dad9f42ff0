// Shows the page anew when the files behind it changed. Nothing else here needs a script.
const shown = document.documentElement.dataset.stamp;
async function look() {
  try {
    const answer = await fetch('/stamp', { cache: 'no-store' });
    const stamp = await answer.text();
    document.documentElement.classList.remove('away');
    if (answer.ok && stamp !== shown) return location.reload();
  } catch {
    document.documentElement.classList.add('away');
  }
  setTimeout(look, 500);
}
look();
