// Runs at the end of a page in a frame; the page around it reads what was found.
window.measure = () => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
  // rgba draws a CSS colour over another one and reads it back.
  const over = (colour, below) => {
    canvas.fillStyle = `rgb(${below.join(',')})`; canvas.fillRect(0, 0, 1, 1)
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
  }
  const background = e => e ? over(getComputedStyle(e).backgroundColor, background(e.parentElement)) : [255, 255, 255]
  // Relative luminance and contrast as WCAG 2 defines them.
  const luminance = rgb => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05) }
  const faint = [], wide = []
  for (const e of document.querySelectorAll('main *')) {
    const box = e.getBoundingClientRect()
    if (box.width === 0 || box.height === 0) continue
    if (box.right > innerWidth + 0.5 && !e.closest('.scroll, .wide')) wide.push(`${e.tagName} ${box.right}`)
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
    if (!own) continue
    const style = getComputedStyle(e), below = background(e)
    const c = contrast(over(e.closest('svg') ? style.fill : style.color, below), below)
    if (c < 4.5) faint.push(`${e.tagName} "${e.textContent.trim().slice(0, 30)}" ${c.toFixed(2)}`)
  }
  const images = [...document.images]
  return {
    width: innerWidth, scroll: document.documentElement.scrollWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches,
    background: background(document.body), faint, wide, images: images.length, broken: images.filter(i => !i.naturalWidth).length,
  }
}
