(() => {
  const name = (e) => {
    const text = (e.innerText || e.value || '').trim().replace(/\s+/g, ' ').slice(0, 60)
    return e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + [...e.classList].map((c) => '.' + c).join('') + ' "' + text + '"'
  }
  const style = (e) => getComputedStyle(e)
  const ancestors = (e) => { const all = []; for (; e && e !== document.documentElement; e = e.parentElement) all.push(e); return all }
  // What only a screen reader meets is made tiny, clipped or kept outside until it has the focus.
  const hidden = (e) => !e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || ancestors(e).some((a) => {
    const s = style(a), box = a.getBoundingClientRect()
    return s.position === 'absolute' && (box.width <= 1.5 || box.height <= 1.5 || s.clipPath !== 'none') ||
      box.bottom + scrollY <= 0 || s.position !== 'static' && (box.right + scrollX <= 0)
  })
  const scrolls = (e, axis) => ancestors(e).some((a) => a !== document.body && /auto|scroll/.test(style(a)[axis]))
  // Word by word: a space at the end of a line hangs out of its box, and nobody sees it.
  const lines = (node) => [...node.data.matchAll(/\S+/g)].flatMap((word) => {
    const r = document.createRange()
    r.setStart(node, word.index)
    r.setEnd(node, word.index + word[0].length)
    return [...r.getClientRects()].filter((b) => b.width > 0)
  })
  const texts = () => {
    const all = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      if (n.data.trim() && n.parentElement.closest('script, style, option, textarea, title') === null && !hidden(n.parentElement)) all.push(n)
    }
    return all
  }
  const block = (e) => { while (e.parentElement && (style(e).display === 'inline' || style(e).display === 'contents')) e = e.parentElement; return e }

  const sideways = () => {
    const root = document.documentElement
    if (root.scrollWidth <= root.clientWidth) return []
    const wide = [...document.body.querySelectorAll('*')].filter((e) => {
      const box = e.getBoundingClientRect()
      return (box.right > root.clientWidth + 0.5 || box.left < -0.5) && !hidden(e) && !scrolls(e, 'overflowX')
    })
    return ['the page is ' + root.scrollWidth + ' wide in a window of ' + root.clientWidth + ': ' + wide.slice(-3).map(name).join(', ')]
  }

  // Text is cut where a box hides what does not fit, and stands out where it shows it.
  const cut = () => {
    const found = new Set(), root = document.documentElement
    for (const node of texts()) {
      const own = block(node.parentElement), box = own.getBoundingClientRect()
      for (const a of ancestors(node.parentElement)) {
        const s = style(a), inside = a.getBoundingClientRect()
        for (const line of lines(node)) {
          const mid = (line.top + line.bottom) / 2
          if (s.overflowX !== 'visible' && !/auto|scroll/.test(s.overflowX) && a !== document.body && (line.left < inside.left - 1 || line.right > inside.right + 1)) found.add('text is cut: ' + name(a))
          if (s.overflowY !== 'visible' && !/auto|scroll/.test(s.overflowY) && a !== document.body && (mid < inside.top || mid > inside.bottom)) found.add('text is cut: ' + name(a))
        }
      }
      for (const line of lines(node)) {
        if (scrolls(own, 'overflowX')) break
        if (line.left < box.left - 1 || line.right > box.right + 1) found.add('text stands out of its box: ' + name(own))
        if (line.left < -1 || line.right > root.clientWidth + 1) found.add('text stands out of the window: ' + name(own))
      }
      if (style(own).maxHeight !== 'none' || own.style.height) {
        if (own.scrollHeight > own.clientHeight + 4 && !scrolls(own, 'overflowY')) found.add('text stands out of its box: ' + name(own))
      }
    }
    for (const e of document.querySelectorAll('button, input, select')) {
      if (!hidden(e) && (e.tagName === 'BUTTON' || /^(submit|button|reset)$/.test(e.type)) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 4)) found.add('text is cut: ' + name(e))
    }
    return [...found]
  }

  const overlaps = () => {
    const found = new Set(), boxes = []
    for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      if (!hidden(e)) for (const b of e.getClientRects()) boxes.push([e, b])
    }
    const lie = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
    boxes.forEach(([e, a], i) => boxes.slice(i + 1).forEach(([f, b]) => {
      if (e !== f && !e.contains(f) && !f.contains(e) && lie(a, b)) found.add('one control lies over another: ' + name(e) + ' and ' + name(f))
    }))
    const middle = (b) => ({ left: b.left + 2, right: b.right - 2, top: b.top + b.height * 0.3, bottom: b.bottom - b.height * 0.3 })
    for (const node of texts()) {
      const label = node.parentElement.closest('label')
      for (const line of lines(node).map(middle)) {
        for (const [e, b] of boxes) {
          if (!e.contains(node) && !(label && label.contains(e)) && lie(line, b)) found.add('text lies over a control: ' + name(node.parentElement) + ' and ' + name(e))
        }
      }
    }
    return [...found]
  }
  // What is said of a field stands above it: a last line beside it would be read as what it begins with.
  const beside = () => {
    const found = new Set()
    for (const said of document.querySelectorAll('.field .hint, .field .wrong, .field .fault')) {
      const input = said.parentElement.querySelector(':scope > input:not([type=hidden], [type=radio], [type=checkbox]), :scope > textarea, :scope > select')
      if (!input || hidden(said) || hidden(input)) continue
      const box = input.getBoundingClientRect()
      for (const b of said.getClientRects()) {
        if (Math.min(b.bottom, box.bottom) - Math.max(b.top, box.top) > 1) found.add('what is said of a field stands beside it: ' + name(said))
      }
    }
    return [...found]
  }
  return { sideways, clipped: () => [...cut(), ...overlaps(), ...beside()] }
})()
