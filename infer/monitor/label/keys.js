// A key presses the button, or follows the link, that names it. Everything works without.
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest('select, input, textarea')) return
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
  if (!target) return
  event.preventDefault()
  target.click()
})
