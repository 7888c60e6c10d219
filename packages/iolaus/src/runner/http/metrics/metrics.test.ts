import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveScene } from '../testing/serve-scene.ts';

/** Every metric of Hydra's queue runner with its type, without the prefix. */
const counters =
  'queue_checks_started_total queue_checks_finished_total queue_checks_early_exits_total queue_build_loads_total ' +
  'queue_steps_created_total dispatcher_time_spent_running_total dispatcher_time_spent_waiting_total ' +
  'monitor_time_spent_running_total monitor_time_spent_waiting_total builds_read builds_read_time_ms builds_finished ' +
  'builds_succeeded builds_failed steps_started steps_finished steps_unsupported_aborted substitutes_started ' +
  'substitutes_failed substitutes_succeeded steps_retries steps_total_time_ms steps_total_import_time_ms ' +
  'steps_total_build_time_ms steps_total_upload_time_ms monitor_checks dispatch_wakeup dispatch_time_ms ' +
  'overflow_copies_queued_total overflow_copies_succeeded_total overflow_copies_failed_total sort_duration_ms_total ' +
  'aborted_jobs_total';
const gauges =
  'builds_unfinished steps_building steps_waiting steps_unsupported steps_runnable steps_unfinished ' +
  'steps_max_retries steps_copying_to steps_copying_from steps_avg_total_time_ms steps_avg_import_time_ms ' +
  'steps_avg_build_time_ms steps_avg_upload_time_ms machines_total machines_in_use s3_uploads_pending ' +
  'machine_type_runnable machine_type_running machine_type_waiting machine_type_disabled ' +
  'machine_type_avg_runnable_time machine_type_wait_time machine_current_jobs machine_steps_done ' +
  'machine_total_step_time_ms machine_total_step_import_time_ms machine_total_step_build_time_ms ' +
  'machine_total_step_upload_time_ms machine_consecutive_failures machine_last_ping_timestamp ' +
  'machine_idle_since_timestamp store_nar_info_read store_nar_info_read_averted store_nar_info_missing ' +
  'store_nar_info_write store_path_info_cache_size store_nar_read store_nar_read_bytes ' +
  'store_nar_read_compressed_bytes store_nar_write store_nar_write_averted store_nar_write_bytes ' +
  'store_nar_write_compressed_bytes store_nar_write_compression_time_ms store_nar_compression_savings ' +
  'store_nar_compression_speed s3_put s3_put_bytes s3_put_time_ms s3_put_speed s3_get s3_get_bytes s3_get_time_ms ' +
  's3_get_speed s3_head s3_cost_dollar_approx jobset_share_used jobset_seconds current_time_seconds uptime_seconds';
const histograms = 'build_input_drvs_seconds build_closure_size_bytes job_wait_time_seconds';

async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}

test("all metrics of Hydra's are there, by its names and with its types, and no others of its prefix", async () => {
  await using scene = await serveScene({});
  const page = await scrape(scene.url);
  const told = page.matchAll(/^# TYPE hydraqueuerunner_(\w+) (\w+)$/gm);
  const expected = [
    ...counters.split(' ').map((name) => `${name} counter`),
    ...gauges.split(' ').map((name) => `${name} gauge`),
    ...histograms.split(' ').map((name) => `${name} histogram`),
  ];
  assert.deepEqual(
    [...told].map(([, name, type]) => `${name} ${type}`).toSorted(),
    expected.toSorted(),
  );
  assert.match(page, /^process_cpu_seconds_total /m, 'and those of the process');
});

test('figures are those of the moment, and counters do not grow by being read', async () => {
  await using scene = await serveScene({});
  for (const page of [await scrape(scene.url), await scrape(scene.url)]) {
    const says = (line: string): void => {
      assert.ok(page.includes(`\nhydraqueuerunner_${line}\n`), `${line}\n${page}`);
    };
    assert.match(page, /^iolaus_refused_total\{kind="stranger"\} 2$/m);
    says('s3_uploads_pending 1');
    says('s3_put_bytes{remote_store="cache"} 1048576');
    says('jobset_seconds{jobset_name="project:jobset"} 100');
    says('jobset_share_used{jobset_name="project:jobset"} 2');
    says('steps_started 1');
    says('steps_unfinished 3');
    says('steps_unsupported 1');
    says('builds_read 3');
    says('machine_current_jobs{hostname="ares"} 1');
    says('machine_type_running{machine_type="x86_64-linux"} 1');
    says('machine_type_waiting{machine_type="riscv64-linux"} 1');
    says('job_wait_time_seconds_count{machine_type="x86_64-linux"} 1');
    says('build_input_drvs_seconds_bucket{le="1",machine_type="x86_64-linux"} 2');
  }
});
