/* EModel and Codec against the numbers that the Recommendations print. */
#include "tests/test.h"

#include <math.h>

#include "dissect/media/codec.h"
#include "dissect/media/emodel.h"

#define assert_near(actual, expected, most) assert_true(fabs((actual) - (expected)) <= (most))

static double rate_with(EModelInput input)
{
  double rating;

  assert_true(emodel_rate(&input, &rating));
  return rating;
}

/* G.107 table B.1. */
static void test_mos_of_rating(void **state)
{
  static const struct {
    double rating, mos;
  } CASES[] = {{90, 4.34}, {80, 4.03}, {70, 3.60}, {60, 3.10}, {50, 2.58}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    assert_near(emodel_mos(EMODEL_NARROWBAND, CASES[i].rating), CASES[i].mos, 0.01);
  assert_near(emodel_mos(EMODEL_NARROWBAND, 100), 4.5, 1e-9);
  assert_near(emodel_mos(EMODEL_NARROWBAND, 200), 4.5, 1e-9);
  assert_near(emodel_mos(EMODEL_NARROWBAND, 0), 1, 1e-9);
  assert_near(emodel_mos(EMODEL_NARROWBAND, 3), 1, 1e-9);
  assert_near(emodel_mos(EMODEL_NARROWBAND, -20), 1, 1e-9);
  /* The same rating on the three scales: G.107.1 and G.107.2 annex A. */
  assert_near(emodel_mos(EMODEL_WIDEBAND, 129), 4.5, 1e-9);
  assert_near(emodel_mos(EMODEL_WIDEBAND, 90 * 1.29), 4.34, 0.006);
  assert_near(emodel_mos(EMODEL_FULLBAND, 70 * 1.48), 3.60, 0.006);
}

/* G.107 7.7: with all defaults R = 93.2. */
static void test_default_rating(void **state)
{
  (void) state;
  assert_near(rate_with((EModelInput){.scale = EMODEL_NARROWBAND, .bpl = 4.3}), 93.2, 1e-9);
  assert_near(emodel_mos(EMODEL_NARROWBAND, 93.2), 4.41, 0.005);
  assert_near(rate_with((EModelInput){.scale = EMODEL_WIDEBAND}), 129, 1e-9);
  assert_near(rate_with((EModelInput){.scale = EMODEL_FULLBAND}), 148, 1e-9);
}

/* G.113 (02/2001) table I.2: Ie under random loss, as it was before Bpl summed it up. */
static void test_loss(void **state)
{
  static const struct {
    const char *codec;
    double loss, ie, tolerance;
  } CASES[] = {
    {"G729", 0, 11, 0.1}, {"G729", 0.5, 13, 0.5}, {"G729", 1, 15, 0.5}, {"G729", 1.5, 17, 0.5},
    {"G729", 2, 19, 0.5}, {"G729", 4, 26, 0.6},   {"G729", 8, 36, 0.6}, {"G729", 16, 49, 0.6},
    {"G723", 0, 15, 0.1}, {"G723", 0.5, 17, 0.7}, {"G723", 2, 24, 0.7}, {"G723", 8, 41, 0.7},
    {"PCMU", 0, 0, 0.1},  {"PCMU", 1, 5, 1.4},    {"PCMU", 5, 15, 1.4},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Codec *codec = codec_find(slice_from_string(CASES[i].codec), SLICE_NONE);
    double r = rate_with((EModelInput){codec->scale, codec->ie, codec->bpl, CASES[i].loss, 1, 0});
    assert_near(93.2 - r, CASES[i].ie, CASES[i].tolerance);
  }
}

/* G.107 7-29: bursts weigh more than random loss, for codecs that conceal it. */
static void test_bursts(void **state)
{
  const EModelInput random = {EMODEL_NARROWBAND, 0, 25.1, 5, 1, 0};
  EModelInput bursts = random;

  (void) state;
  bursts.burst_ratio = 4;
  assert_near(rate_with(bursts), 93.2 - 95 * 5 / (5 / 4.0 + 25.1), 1e-9);
  assert_true(rate_with(bursts) < rate_with(random));
  bursts.burst_ratio = 0.1;
  assert_near(rate_with(bursts), rate_with(random), 1e-9);
  bursts.burst_ratio = 4;
  bursts.bpl = 15.9;
  assert_near(rate_with(bursts), 93.2 - 95 * 5 / (5 + 15.9), 1e-9);
  assert_near(emodel_burst_ratio(5, 1), 1, 1e-9);
  assert_near(emodel_burst_ratio(20, 5), 4, 1e-9);
}

/* G.107 7-27: Idd is 0 up to 100 ms; 7-28 at 200 ms, where X = 1, and at 400 ms, where X = 2. */
static void test_delay(void **state)
{
  EModelInput input = {EMODEL_NARROWBAND, 0, 25.1, 0, 1, 100};
  const double at_200 = 25 * (pow(2, 1.0 / 6) - 3 * pow(1 + 1 / 729.0, 1.0 / 6) + 2);

  (void) state;
  assert_near(rate_with(input), 93.2, 1e-9);
  input.delay_ms = 200;
  assert_near(rate_with(input), 93.2 - at_200, 1e-9);
  assert_near(at_200, 3.04, 0.01);
  input.delay_ms = 400;
  assert_near(rate_with(input), 93.2 - 24.1, 0.1); /* G.114 figure 1: nearly 70 */
  input.scale = EMODEL_WIDEBAND;
  assert_near(emodel_mos(EMODEL_WIDEBAND, rate_with(input)),
              emodel_mos(EMODEL_NARROWBAND, 100 - 24.1), 0.01);
}

/* Where nothing is published, nothing is made up. */
static void test_nothing_published(void **state)
{
  EModelInput input = {EMODEL_NONE, 0, 0, 0, 1, 0};
  double rating = -1;

  (void) state;
  assert_false(emodel_rate(&input, &rating));
  input = (EModelInput){EMODEL_WIDEBAND, 13, 0, 0.1, 1, 0};
  assert_false(emodel_rate(&input, &rating));
  assert_near(rating, -1, 0);
  input.loss_percent = 0;
  assert_true(emodel_rate(&input, &rating));
  assert_near(rating, 116, 1e-9);
}

static void test_codec_find(void **state)
{
  static const struct {
    const char *name, *fmtp;
    EModelScale scale;
    double ie;
  } CASES[] = {
    {"pcmu", NULL, EMODEL_NARROWBAND, 0},
    {"G722", NULL, EMODEL_WIDEBAND, 13},
    {"AMR-WB", "octet-align=1; mode-set=2", EMODEL_WIDEBAND, 13},
    {"AMR-WB", "mode-set=7", EMODEL_WIDEBAND, 1},
    {"AMR-WB", "mode-set=0,1,2", EMODEL_NONE, 0},
    {"AMR-WB", "octet-align=1", EMODEL_NONE, 0},
    {"EVS", "br=13.2; bw=swb", EMODEL_FULLBAND, 17.1},
    {"EVS", "br=13.2", EMODEL_NONE, 0},
    {"EVS", "br=5.9-24.4; bw=nb-swb", EMODEL_NONE, 0},
    {"G723", "annexa=no;bitrate=5.3", EMODEL_NARROWBAND, 19},
    {"opus", "useinbandfec=1", EMODEL_NONE, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Codec *codec =
      codec_find(slice_from_string(CASES[i].name), slice_from_string(CASES[i].fmtp));
    assert_non_null(codec);
    assert_int_equal(codec->scale, CASES[i].scale);
    assert_near(codec->ie, CASES[i].ie, 1e-9);
  }
  assert_null(codec_find(SLICE("telephone-event"), SLICE_NONE));
  assert_true(codec_is_event(SLICE("Telephone-Event")));
  assert_true(codec_is_comfort_noise(SLICE("cn")));
}

/* Each name has a row that is found without parameters, after those that ask for some. */
static void test_table(void **state)
{
  (void) state;
  for (size_t i = 0; i < codec_count(); i++) {
    const Codec *row = codec_at(i);
    const Codec *any = codec_find(slice_from_string(row->name), SLICE_NONE);
    assert_non_null(any);
    assert_string_equal(any->fmtp, "");
    assert_true(any >= row);
    assert_ptr_equal(codec_find(slice_from_string(row->name), slice_from_string(row->fmtp)), row);
    assert_int_equal(row->scale == EMODEL_NONE, row->source[0] == '\0');
    assert_true(row->ptime_ms > 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_mos_of_rating), cmocka_unit_test(test_default_rating),
    cmocka_unit_test(test_loss),          cmocka_unit_test(test_bursts),
    cmocka_unit_test(test_delay),         cmocka_unit_test(test_nothing_published),
    cmocka_unit_test(test_codec_find),    cmocka_unit_test(test_table),
  };

  return cmocka_run_group_tests_name("emodel", tests, NULL, NULL);
}
