(() => {
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.name ? '[name=' + e.name + ']' : '') + ' "' + (e.innerText || '').trim().slice(0, 60) + '"'
  const none = () => !document.activeElement || document.activeElement === document.body || document.activeElement === document.documentElement
  return {
    now: () => {
      if (none()) return null
      const e = document.activeElement, b = e.getBoundingClientRect()
      const x = b.left + b.width / 2, y = b.top + b.height / 2
      const hit = [...e.getClientRects()].map((r) => document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2))
      const seen = hit.some((h) => h && (h === e || e.contains(h) || h.contains(e) || (h.closest('label') || {}).control === e))
      return { name: name(e), left: b.left, top: b.top, width: b.width, height: b.height, seen: seen, inside: x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight }
    },
    leave: () => { globalThis.valiseLeft = document.activeElement; document.activeElement.blur(); return true },
    back: () => { globalThis.valiseLeft.focus({ preventScroll: true, focusVisible: true }); return true },
    is: (sel) => !none() && document.activeElement.matches(sel),
  }
})()
