/* GbDevices: limits, timelines, and reading in small steps. */
#include "tests/sample_trace.h"

#include "dissect/diagnose/gb_devices.h"

enum { CAMERA = 0, PLATFORM = 1, DEVICES = 5 };

static GbDevices *read_all(const SampleTrace *sample, const GbDeviceLimits *limits)
{
  GbDevices *devices = gb_devices_new(sample->trace, sample->stores, limits);

  while (gb_devices_step(devices, INT64_MAX))
    continue;
  return devices;
}

static void test_limits(void **state)
{
  SampleTrace sample = sample_trace_read("gb28181.pcap");
  g_autoptr(GbDevices) all = read_all(&sample, &GB_DEVICE_LIMITS_DEFAULT);
  g_autoptr(GbDevices) two =
    read_all(&sample, &(GbDeviceLimits){.devices = 2, .events = UINT32_MAX});
  g_autoptr(GbDevices) three =
    read_all(&sample, &(GbDeviceLimits){.devices = DEVICES, .events = 3});
  uint64_t left_out = 0;

  (void) state;
  assert_int_equal(gb_devices_count(all), DEVICES);
  assert_int_equal(gb_devices_left_out(all).devices + gb_devices_left_out(all).events, 0);
  assert_int_equal(gb_devices_count(two), 2);
  assert_true(gb_devices_left_out(two).devices > 0);
  g_autoptr(GPtrArray) events = gb_devices_timeline(three, CAMERA, SIZE_MAX, &left_out);
  assert_int_equal(events->len, 3);
  assert_true(gb_devices_left_out(three).events > 0);
  assert_int_equal(left_out, 0);
  sample_trace_clear(&sample);
}

static void assert_by_time(const GPtrArray *events)
{
  for (guint i = 1; i < events->len; i++) {
    const GbDeviceEvent *before = events->pdata[i - 1], *event = events->pdata[i];
    assert_true(before->time_ns <= event->time_ns);
  }
}

/* Of a device with its channels; of the platform without its devices. */
static void test_timelines(void **state)
{
  SampleTrace sample = sample_trace_read("gb28181.pcap");
  g_autoptr(GbDevices) devices = read_all(&sample, &GB_DEVICE_LIMITS_DEFAULT);
  uint64_t left_out = 0;

  (void) state;
  g_autoptr(GPtrArray) own = gb_devices_events(devices, CAMERA);
  g_autoptr(GPtrArray) all = gb_devices_timeline(devices, CAMERA, SIZE_MAX, &left_out);
  assert_true(all->len > own->len && left_out == 0);
  assert_by_time(own);
  assert_by_time(all);
  g_autoptr(GPtrArray) newest = gb_devices_timeline(devices, CAMERA, 2, &left_out);
  assert_int_equal(newest->len, 2);
  assert_int_equal(left_out, all->len - 2);
  assert_ptr_equal(newest->pdata[1], all->pdata[all->len - 1]);
  g_autoptr(GPtrArray) platforms = gb_devices_timeline(devices, PLATFORM, SIZE_MAX, &left_out);
  assert_int_equal(platforms->len, 0);
  sample_trace_clear(&sample);
}

/* As many steps as it takes give the same. */
static void test_steps(void **state)
{
  SampleTrace sample = sample_trace_read("gb28181.pcap");
  g_autoptr(GbDevices) once = read_all(&sample, &GB_DEVICE_LIMITS_DEFAULT);
  g_autoptr(GbDevices) stepped =
    gb_devices_new(sample.trace, sample.stores, &GB_DEVICE_LIMITS_DEFAULT);
  unsigned steps = 1;

  (void) state;
  for (; gb_devices_step(stepped, 0); steps++)
    assert_true(gb_devices_progress(stepped) <= 1);
  assert_true(steps > 2);
  assert_int_equal(gb_devices_count(stepped), gb_devices_count(once));
  for (uint32_t i = 0; i < gb_devices_count(once); i++) {
    g_autoptr(GPtrArray) left = gb_devices_events(once, i);
    g_autoptr(GPtrArray) right = gb_devices_events(stepped, i);
    assert_int_equal(left->len, right->len);
  }
  assert_false(gb_devices_step(stepped, 0));
  sample_trace_clear(&sample);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_timelines),
    cmocka_unit_test(test_steps),
  };

  return cmocka_run_group_tests_name("gb_devices", tests, NULL, NULL);
}
