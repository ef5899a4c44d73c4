/* Published messages, good and bad (RFC 4475, RFC 3665, GB/T 28181): one line of verdict each. */
#include "tests/test.h"

#include "dissect/sip/sip_check.h"
#include "tests/shared.h"

typedef struct {
  const char *file;
  SipSeverity worst;
  const char *keys[4]; /* anomalies that have to be among those found */
} Verdict;

/* RFC 4475, in the order of its sections: valid, invalid, and what upper layers refuse. */
static const Verdict VERDICTS[] = {
  {"wsinv", SIP_SEVERITY_NOTE, {"via-no-cookie"}},
  {"intmeth", SIP_SEVERITY_NOTE, {"unknown-method"}},
  {"esc01", SIP_SEVERITY_NOTE, {0}},
  {"escnull", SIP_SEVERITY_NOTE, {0}},
  {"esc02", SIP_SEVERITY_NOTE, {"unknown-method"}},
  {"lwsdisp", SIP_SEVERITY_NOTE, {0}},
  {"longreq", SIP_SEVERITY_NOTE, {"via-no-branch"}},
  {"dblreq", SIP_SEVERITY_NOTE, {"octets-after-body"}},
  {"semiuri", SIP_SEVERITY_NOTE, {0}},
  {"transports", SIP_SEVERITY_NOTE, {0}},
  {"mpart01", SIP_SEVERITY_NOTE, {0}},
  {"unreason", SIP_SEVERITY_NOTE, {0}},
  {"noreason", SIP_SEVERITY_NOTE, {0}},
  {"badinv01", SIP_SEVERITY_ERROR, {"empty-parameter", "empty-value"}},
  {"clerr", SIP_SEVERITY_ERROR, {"body-cut"}},
  {"ncl", SIP_SEVERITY_ERROR, {"content-length-number"}},
  {"scalar02", SIP_SEVERITY_ERROR, {"cseq-number", "max-forwards-range", "seconds-range"}},
  {"scalarlg", SIP_SEVERITY_ERROR, {"cseq-number", "seconds-range", "warning-code"}},
  {"quotbal", SIP_SEVERITY_ERROR, {"quote-not-closed"}},
  {"ltgtruri", SIP_SEVERITY_ERROR, {"uri-in-brackets", "via-no-branch"}},
  {"lwsruri", SIP_SEVERITY_ERROR, {"uri-with-spaces"}},
  {"lwsstart", SIP_SEVERITY_WARNING, {"start-line-spaces"}},
  {"trws", SIP_SEVERITY_WARNING, {"start-line-spaces"}},
  {"escruri", SIP_SEVERITY_ERROR, {"uri-with-headers"}},
  {"baddate", SIP_SEVERITY_WARNING, {"date-syntax"}},
  {"regbadct", SIP_SEVERITY_ERROR, {"address-needs-brackets"}},
  {"badaspec", SIP_SEVERITY_ERROR, {"spaces-in-brackets"}},
  {"baddn", SIP_SEVERITY_ERROR, {"display-name", "unterminated-header"}},
  {"baddn.fixed", SIP_SEVERITY_ERROR, {"display-name"}},
  {"badvers", SIP_SEVERITY_ERROR, {"version-not-2.0", "via-version"}},
  {"mismatch01", SIP_SEVERITY_ERROR, {"cseq-method"}},
  {"mismatch02", SIP_SEVERITY_ERROR, {"cseq-method", "unknown-method"}},
  {"bigcode", SIP_SEVERITY_ERROR, {"status-code-range"}},
  {"badbranch", SIP_SEVERITY_WARNING, {"via-cookie-only"}},
  {"insuf", SIP_SEVERITY_ERROR, {"no-call-id", "no-from", "no-to", "no-max-forwards"}},
  {"unkscm", SIP_SEVERITY_NOTE, {0}},
  {"novelsc", SIP_SEVERITY_NOTE, {0}},
  {"unksm2", SIP_SEVERITY_NOTE, {0}},
  {"bext01", SIP_SEVERITY_NOTE, {0}},
  {"invut", SIP_SEVERITY_NOTE, {0}},
  {"regaut01", SIP_SEVERITY_NOTE, {0}},
  {"multi01", SIP_SEVERITY_ERROR, {"header-twice"}},
  {"mcl01", SIP_SEVERITY_ERROR, {"two-content-lengths", "octets-after-body"}},
  {"bcast", SIP_SEVERITY_WARNING, {"via-broadcast"}},
  {"zeromf", SIP_SEVERITY_NOTE, {"max-forwards-zero"}},
  {"cparam01", SIP_SEVERITY_NOTE, {0}},
  {"cparam02", SIP_SEVERITY_NOTE, {0}},
  {"regescrt", SIP_SEVERITY_NOTE, {0}},
  {"sdp01", SIP_SEVERITY_NOTE, {0}},
  {"inv2543", SIP_SEVERITY_WARNING, {"via-no-branch", "no-from-tag", "no-max-forwards"}},
};

static bool has_key(const SipCheck *check, const char *key)
{
  for (unsigned i = 0; i < MIN(check->count, SIP_CHECK_MAX); i++)
    if (g_str_equal(sip_anomaly_info(check->items[i].id)->id, key))
      return true;
  return false;
}

static void check_file(const char *path, SipMsg *ret_msg, SipCheck *ret_check)
{
  Slice octets = shared_octets(path);

  assert_true(sip_msg_is_likely(octets));
  assert_int_equal(sip_msg_parse(octets, false, ret_msg), SIP_OK);
  sip_check(ret_msg, ret_check);
  assert_int_equal(sip_has_error(ret_msg), ret_check->worst == SIP_SEVERITY_ERROR);
  for (unsigned i = 0; i < ret_check->count; i++)
    assert_true(ret_check->items[i].offset <= octets.len);
  g_free((void *) (uintptr_t) octets.data);
}

static void test_rfc4475(void **state)
{
  SipMsg msg;
  SipCheck check;

  (void) state;
  shared_root();
  for (size_t i = 0; i < G_N_ELEMENTS(VERDICTS); i++) {
    g_autofree char *path = g_strconcat("vectors/rfc4475/", VERDICTS[i].file, ".dat", NULL);
    check_file(path, &msg, &check);
    if (check.worst != VERDICTS[i].worst)
      fail_msg("%s: worst is %d", VERDICTS[i].file, check.worst);
    for (size_t k = 0; k < G_N_ELEMENTS(VERDICTS[i].keys) && VERDICTS[i].keys[k]; k++)
      if (!has_key(&check, VERDICTS[i].keys[k]))
        fail_msg("%s: no %s", VERDICTS[i].file, VERDICTS[i].keys[k]);
  }
}

/*
 * Every file has a verdict but the stray one, whose request-line has no version; baddn.fixed has
 * one, but no row in the index.
 */
static void test_no_file_is_left_out(void **state)
{
  g_auto(GStrv) rows = shared_rows("vectors/rfc4475/index.tsv");
  Slice stray = shared_octets("vectors/rfc4475/test.dat");
  SipMsg msg;

  (void) state;
  assert_int_equal(g_strv_length(rows) - 1, G_N_ELEMENTS(VERDICTS));
  assert_false(sip_msg_is_likely(stray));
  assert_int_equal(sip_msg_parse(stray, false, &msg), SIP_BAD);
  g_free((void *) (uintptr_t) stray.data);
}

/* All *.msg below a folder; freed with g_ptr_array_unref. */
static GPtrArray *messages_below(const char *folder)
{
  g_autofree char *root = shared_path(folder);
  g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  const char *entry;

  assert_non_null(dir);
  while ((entry = g_dir_read_name(dir))) {
    g_autofree char *name = g_build_filename(folder, entry, NULL);
    if (g_str_has_suffix(entry, ".msg")) {
      g_ptr_array_add(names, g_steal_pointer(&name));
    } else if (!strchr(entry, '.') || g_ascii_isdigit(entry[0])) {
      g_autoptr(GPtrArray) inner = messages_below(name);
      g_ptr_array_extend_and_steal(names, g_steal_pointer(&inner));
    }
  }
  return names;
}

static void check_folder(const char *folder, const Verdict *known, size_t known_count)
{
  g_autoptr(GPtrArray) names = messages_below(folder);
  size_t errors = 0;
  SipMsg msg;
  SipCheck check;

  assert_true(names->len > 10);
  for (unsigned i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    check_file(name, &msg, &check);
    if (check.worst < SIP_SEVERITY_ERROR)
      continue;
    errors++;
    bool found = false;
    for (size_t k = 0; k < known_count; k++)
      found |= g_str_has_suffix(name, known[k].file) && has_key(&check, known[k].keys[0]);
    if (!found)
      fail_msg("%s: %s", name, sip_anomaly_info(check.items[0].id)->id);
  }
  assert_int_equal(errors, known_count);
}

static void test_rfc3665(void **state)
{
  (void) state;
  check_folder("vectors/rfc3665", NULL, 0);
}

static void test_gb28181(void **state)
{
  static const Verdict KNOWN[] = {
    {"21-happytime-2022-bad-peer/10.msg", SIP_SEVERITY_ERROR, {"cseq-method"}},
  };

  (void) state;
  check_folder("vectors/gb28181", KNOWN, G_N_ELEMENTS(KNOWN));
}

/* RFC 3261 7.3.1: the equality groups, with what is wrong on purpose. */
static void test_seed73(void **state)
{
  static const Verdict KNOWN[] = {
    {"A4-seed.msg", SIP_SEVERITY_ERROR, {"address-trailing"}},
    {"H1.msg", SIP_SEVERITY_ERROR, {"parameter-twice"}},
    {"I2.msg", SIP_SEVERITY_ERROR, {"credentials-merged"}},
    {"J1.msg", SIP_SEVERITY_ERROR, {"contact-star"}},
    {"K1.msg", SIP_SEVERITY_ERROR, {"header-twice"}},
  };

  (void) state;
  check_folder("vectors/seed73", KNOWN, G_N_ELEMENTS(KNOWN));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rfc4475), cmocka_unit_test(test_no_file_is_left_out),
    cmocka_unit_test(test_rfc3665), cmocka_unit_test(test_gb28181),
    cmocka_unit_test(test_seed73),
  };

  return cmocka_run_group_tests_name("torture", tests, NULL, NULL);
}
