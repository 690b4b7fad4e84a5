// bench/jsonata/reference.mjs - the same expressions in the reference.
//
//	node reference.mjs CASES DOCUMENT MODULE
//
// Prints a line "name nanoseconds result" for each case; CPU time, as the
// machine may be busy.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [cases, file, module] = process.argv.slice(2);
const jsonata = createRequire(import.meta.url)(module);
const text = readFileSync(file, "utf8");
for (const { name, expr } of JSON.parse(readFileSync(cases, "utf8"))) {
	const compiled = jsonata(expr);
	const data = JSON.parse(text);
	const result = JSON.stringify(await compiled.evaluate(data));
	let best = Infinity;
	for (let round = 0; round < 3; round++) {
		let n = 0;
		const start = process.cpuUsage();
		let spent = 0;
		while (spent < 150e6) {
			for (let i = 0; i < 10; i++, n++)
				await compiled.evaluate(data);
			const { user, system } = process.cpuUsage(start);
			spent = (user + system) * 1e3;
		}
		best = Math.min(best, spent / n);
	}
	console.log(`${name} ${best.toFixed(0)} ${result}`);
}
