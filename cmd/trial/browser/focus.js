(() => {
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.name ? '[name=' + e.name + ']' : '') + ' "' + (e.innerText || '').trim().slice(0, 60) + '"'
  const none = () => !document.activeElement || document.activeElement === document.body || document.activeElement === document.documentElement
  return {
    now: () => {
      if (none()) return null
      const e = document.activeElement
      // what is in the window of a field that is higher than it
      const cut = (r) => { const left = Math.max(r.left, 0), top = Math.max(r.top, 0); return { left, top, width: Math.min(r.right, innerWidth) - left, height: Math.min(r.bottom, innerHeight) - top } }
      const whole = e.getBoundingClientRect(), b = cut(whole)
      const hit = [...e.getClientRects()].map(cut).map((r) => document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2))
      const seen = hit.some((h) => h && (h === e || e.contains(h) || h.contains(e) || (h.closest('label') || {}).control === e))
      return { name: name(e), left: b.left, top: b.top, width: b.width, height: b.height, seen: seen, inside: b.width >= Math.min(24, whole.width) && b.height >= Math.min(24, whole.height) }
    },
    leave: () => { globalThis.valiseLeft = document.activeElement; document.activeElement.blur(); return true },
    back: () => { globalThis.valiseLeft.focus({ preventScroll: true, focusVisible: true }); return true },
    is: (sel) => !none() && document.activeElement.matches(sel),
  }
})()
