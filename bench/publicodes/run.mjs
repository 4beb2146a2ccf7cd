// Publicodes, measured as bench/peers/child.py measures what runs in Python: node run.mjs ROWS.json start|measure
import { readFileSync } from 'node:fs'

const here = new URL('.', import.meta.url)
let Engine
try {
  Engine = (await import('publicodes')).default
} catch {
  console.log(JSON.stringify({ skipped: 'publicodes is not installed' }))
  process.exit(0)
}

const WANTED = ['support min', 'support max', 'city', 'host min', 'host max']
const BUDGET = 1000 // ms

const rules = JSON.parse(readFileSync(new URL('rules.json', here)))
const engine = new Engine(rules)
const [file, what] = process.argv.slice(2)
const rows = JSON.parse(readFileSync(file))

const situation = ([location, , level, upstream, turnover, performance]) => ({
  location: `'${location}'`,
  level: `'${level}'`,
  performance: `'${performance}'`,
  'upstream funding': upstream / 100,
  'contract turnover': turnover / 100,
})
const run = (given) => {
  engine.setSituation(given)
  return WANTED.map((name) => engine.evaluate(name).nodeValue)
}

if (what === 'start') {
  run(situation(rows[0]))
} else {
  const given = rows.map(situation)
  const before = process.cpuUsage()
  const done = given.map(run)
  const { user, system } = process.cpuUsage(before)
  const rate = rows.length / ((user + system) / 1e6)
  const peak = process.resourceUsage().maxRSS / 1024
  const one = rows.findIndex(([location, , level, , , rated]) => location === 'ganyu' && level === 'national' && rated === 'excellent')
  let quickest = Infinity
  for (const end = performance.now() + BUDGET; performance.now() < end; ) {
    const start = performance.now()
    run(given[one])
    quickest = Math.min(quickest, performance.now() - start)
  }
  const { version } = JSON.parse(readFileSync(new URL('node_modules/publicodes/package.json', here)))
  console.log(JSON.stringify({
    name: 'Publicodes',
    takes: 'one platform',
    versions: { publicodes: version, node: process.versions.node },
    rate,
    rows: rows.length,
    one: quickest / 1000,
    traced: quickest / 1000, // what it evaluates always holds how it came about
    peak,
    found: done.map((row) => row.map((yuan) => Math.round(yuan * 100))),
  }))
}
