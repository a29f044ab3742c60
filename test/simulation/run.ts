process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const { playEpisode } = await import('./episode.ts');
const { readDeployment } = await import('./tables.ts');
const { planOf } = await import('./workload.ts');
const d = await readDeployment();
for (let seed = Number(process.argv[2]); seed <= Number(process.argv[4] ?? process.argv[2]); seed += 1) {
  const began = process.hrtime.bigint();
  try {
    const r = await playEpisode(planOf(seed, Number(process.argv[3] ?? 100)), d, process.argv[5] ? console.log : undefined);
    console.log(
      seed,
      { ...r, faults: [...r.faults].map(([k, v]) => `${k} ${v.times}`).join() },
      Number(process.hrtime.bigint() - began) / 1e6,
    );
  } catch (error) {
    console.log(seed, String((error as Error).stack).slice(0, 1500));
  }
}

export {};
