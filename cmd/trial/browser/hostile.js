(async (base, paths) => {
  const found = [], patient = (name, start) => new Promise((done) => {
    const end = (what) => { found.push(name + ': ' + what); done() }
    start(end)
    setTimeout(() => end('nothing came'), 2500)
  })
  const element = (tag, set) => (end) => {
    const e = document.createElement(tag)
    e.onload = () => end('loaded')
    e.onerror = () => end('refused')
    set(e)
    document.body.append(e)
  }
  const url = base + paths.page
  for (const mode of ['cors', 'no-cors']) {
    for (const method of ['GET', 'POST']) {
      await patient('fetch ' + mode + ' ' + method, (end) => fetch(url, { mode, method, credentials: 'include' })
        .then((r) => r.text()).then((t) => end(t ? 'read' : 'empty'), () => end('refused')))
    }
  }
  await patient('beacon', (end) => { navigator.sendBeacon(base + paths.posts[0], new URLSearchParams({ act: 'x' })); end('sent') })
  await patient('picture', element('img', (e) => { e.src = base + paths.icon }))
  await patient('script', element('script', (e) => { e.src = base + paths.style }))
  await patient('page as script', element('script', (e) => { e.src = url }))
  await patient('style', element('link', (e) => { e.rel = 'stylesheet'; e.href = base + paths.style }))
  await patient('page as style', element('link', (e) => { e.rel = 'stylesheet'; e.href = url }))
  await patient('object', element('object', (e) => { e.data = url }))
  await patient('socket', (end) => {
    const s = new WebSocket(url.replace('http', 'ws'))
    s.onopen = () => end('opened')
    s.onerror = () => end('refused')
  })
  await patient('frame', (end) => element('iframe', (e) => { e.src = url })(() => {
    let text = ''
    try { text = frames[0].document.body.innerText } catch (_) {}
    end(text ? 'read' : 'refused')
  }))
  for (const path of paths.posts) {
    await patient('form in a frame to ' + path, (end) => element('iframe', (e) => { e.name = 'hole' + path })(() => {
      const form = document.createElement('form')
      form.method = 'post'
      form.action = base + path
      form.target = 'hole' + path
      document.body.append(form)
      document.getElementsByName('hole' + path)[0].onload = () => end('sent')
      form.submit()
    }))
  }
  return found
})
