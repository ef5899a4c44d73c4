#include "tests/test.h"

#include "dissect/sip/sip_equal.h"
#include "tests/shared.h"

static const struct {
  SipHeader header;
  const char *a, *b;
  bool equal;
} PAIRS[] = {
  {SIP_HEADER_CONTENT_DISPOSITION, "session;handling=optional", "Session ; HANDLING=OPTIONAL",
   true},
  {SIP_HEADER_CONTENT_DISPOSITION, "session;a=1;b=2", "session;b=2;a=1", true},
  {SIP_HEADER_CONTENT_DISPOSITION, "session;a", "session;a=", false},
  {SIP_HEADER_CONTENT_DISPOSITION, "session;a=1", "session", false},
  {SIP_HEADER_WARNING, "370 devnull \"Choose a pipe\"", "370  DEVNULL\r\n \"Choose a pipe\"", true},
  {SIP_HEADER_WARNING, "370 devnull \"Choose a pipe\"", "370 devnull \"CHOOSE a pipe\"", false},
  {SIP_HEADER_WARNING, "370 devnull \"a  b\"", "370 devnull \"a b\"", false},
  {SIP_HEADER_WARNING, "370 devnull \"\\\"A\"", "370 devnull \"\\\"a\"", false},
  {SIP_HEADER_VIA, "SIP / 2.0 / UDP h ;branch= x", "SIP/2.0/UDP h;branch=x", true},
  {SIP_HEADER_VIA, "SIP/2.0/UDP h", "SIP/2.0/UDPh", false},
  {SIP_HEADER_SUBJECT, "a,\r\n  b", "a, b", true},
  {SIP_HEADER_SUBJECT, "a b", "A b", false},
  {SIP_HEADER_CALL_ID, "a\"B", "a\"b", false},
  {SIP_HEADER_FROM, "\"A\" <sip:a@b>;tag=1;x=2", "sip:a@B;TAG=1", true},
  {SIP_HEADER_FROM, "<sip:a@b>;tag=1", "<sip:a@b>", false},
  {SIP_HEADER_FROM, "<sip:a@b>;tag=1", "<sip:a@b>;tag=2", false},
  {SIP_HEADER_CONTACT, "<sip:a@b>;q=1", "<sip:a@b>", false},
  {SIP_HEADER_AUTHORIZATION, "Digest a=\"x\", b=1", "digest b=1,a=\"x\"", true},
  {SIP_HEADER_AUTHORIZATION, "Digest a=\"x\"", "Digest a=\"X\"", false},
  {SIP_HEADER_EVENT, "", "", true},
};

static void test_values(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
    Slice a = exact_slice(slice_from_string(PAIRS[i].a));
    Slice b = exact_slice(slice_from_string(PAIRS[i].b));
    if (sip_value_equal(PAIRS[i].header, a, b) != PAIRS[i].equal ||
        sip_value_equal(PAIRS[i].header, b, a) != PAIRS[i].equal)
      fail_msg("%s | %s", PAIRS[i].a, PAIRS[i].b);
    assert_true(sip_value_equal(PAIRS[i].header, a, a));
    g_free((void *) (uintptr_t) a.data);
    g_free((void *) (uintptr_t) b.data);
  }
}

static void test_more_parameters_than_are_sorted(void **state)
{
  GString *text = g_string_new("x");

  (void) state;
  for (unsigned i = 0; i < 100; i++)
    g_string_append_printf(text, ";p%u=%u", i, i);
  Slice all = slice_of(text->str, text->len);
  assert_true(sip_value_equal(SIP_HEADER_EVENT, all, all));
  assert_false(sip_value_equal(SIP_HEADER_EVENT, all, slice_head(all, all.len - 1)));
  g_string_free(text, TRUE);
}

/* A message of the equality groups; data is freed with g_free. */
typedef struct {
  Slice octets;
  SipMsg msg;
  SipHeader header;
  const char *group;
} Member;

static void read_member(char **cells, Member *ret_member)
{
  g_autofree char *path = g_strconcat("vectors/seed73/", cells[0], NULL);

  ret_member->octets = shared_octets(path);
  sip_msg_parse(ret_member->octets, false, &ret_member->msg);
  ret_member->header = sip_header_from_slice(slice_from_string(cells[1]));
  /* "B1(=A)" is another row of group A, with another Subject. */
  ret_member->group = g_str_has_suffix(cells[2], "(=A)") ? "A" : cells[2];
}

static void check_pair(const Member *a, const Member *b)
{
  bool same = g_str_equal(a->group, b->group);

  assert_int_equal(sip_header_equal(&a->msg, &b->msg, a->header), same);
}

/* RFC 3261 7.3.1: its examples; "-" are those that are wrong on purpose. */
static void test_equality_groups(void **state)
{
  g_auto(GStrv) rows = shared_rows("vectors/seed73/index.tsv");
  size_t count = 0;
  Member members[64];

  (void) state;
  g_autoptr(GPtrArray) cells_of_rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
  for (size_t i = 1; rows[i] && count < G_N_ELEMENTS(members); i++) {
    char **cells = g_strsplit(rows[i], "\t", -1);
    g_ptr_array_add(cells_of_rows, cells);
    if (!g_str_equal(cells[2], "-"))
      read_member(cells, &members[count++]);
  }
  assert_true(count > 20);
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < count; k++)
      if (members[i].header == members[k].header)
        check_pair(&members[i], &members[k]);
  for (size_t i = 0; i < count; i++)
    g_free((void *) (uintptr_t) members[i].octets.data);
}

/* RFC 3261 19.1.4: its own examples, and the rules behind them. */
static void test_uris(void **state)
{
  static const struct {
    const char *a, *b;
    bool equal;
  } URIS[] = {
    {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
    {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
    {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true},
    {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
     "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
    {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
     "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
    {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
    {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
    {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
    {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
    {"sip:a@h", "sips:a@h", false},
    {"sip:a@h", "sip:h", false},
    {"sip:@h", "sip:h", false},
    {"sip:a:pw@h", "sip:a@h", false},
    {"sip:a%40@h", "sip:a@@h", false},
    {"sip:a%2d%5F@h", "sip:a-_@h", true},
    {"sip:a%3d@h", "sip:a=@h", false},
    {"sip:%00@h", "sip:%00%00@h", false},
    {"sip:a%3bb@h", "sip:a%3Bb@h", true},
    {"sip:h;maddr=1.2.3.4", "sip:h", false},
    {"sip:h;%6dethod=x", "sip:h;method=x", true},
    {"tel:+123", "TEL:+123", true},
    {"tel:+123", "tel:+124", false},
    {"nonsense", "nonsense", true},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(URIS); i++) {
    Slice a = slice_from_string(URIS[i].a), b = slice_from_string(URIS[i].b);
    assert_int_equal(sip_uri_equal(a, b), URIS[i].equal);
    assert_int_equal(sip_uri_equal(b, a), URIS[i].equal);
    assert_true(sip_uri_equal(a, a));
  }
}

/* Up to 64 parameters and 4096 bytes of headers are compared in any order. */
static void test_uri_limits(void **state)
{
  enum { PARAMS_MAX = 64, HEADERS_LEN_MAX = 4096 };

  (void) state;
  for (size_t more = 0; more < 2; more++) {
    g_autoptr(GString) a = g_string_new("sip:h"), b = g_string_new("sip:h");
    for (size_t i = 0; i < PARAMS_MAX + more; i++) {
      g_string_append_printf(a, ";p%zu=1", i);
      g_string_append_printf(b, ";p%zu=1", PARAMS_MAX + more - 1 - i);
    }
    Slice one = slice_of(a->str, a->len), other = slice_of(b->str, b->len);
    assert_int_equal(sip_uri_equal(one, other), !more);
    assert_int_equal(sip_uri_equal(one, SLICE("sip:h;p0=1")), !more);
    assert_int_equal(sip_uri_equal(SLICE("sip:h;p0=1"), one), !more);
    assert_true(sip_uri_equal(one, one));

    g_autofree char *filler = g_strnfill(HEADERS_LEN_MAX + more - strlen("a=&b=2"), 'x');
    g_autofree char *first = g_strconcat("sip:h?a=", filler, "&b=2", NULL);
    g_autofree char *second = g_strconcat("sip:h?b=2&a=", filler, NULL);
    one = slice_from_string(first), other = slice_from_string(second);
    assert_int_equal(sip_uri_equal(one, other), !more);
    assert_true(sip_uri_equal(one, one));

    /* One of them is short: "%78" is an x. */
    g_autofree char *third = g_strconcat("sip:h?a=%78x", filler, NULL);
    g_autofree char *fourth = g_strconcat("sip:h?a=xx", filler, NULL);
    one = slice_from_string(third), other = slice_from_string(fourth);
    assert_int_equal(sip_uri_equal(one, other), !more);
    assert_int_equal(sip_uri_equal(other, one), !more);
  }
}

/* Parameters of From in one of them do not count (20.20), if they are not too many. */
static void test_parameters_of_one(void **state)
{
  enum { PARAMS_MAX = 64 };

  (void) state;
  for (size_t count = PARAMS_MAX; count <= PARAMS_MAX + 1; count++) {
    g_autoptr(GString) text = g_string_new("<sip:h>;tag=1");
    for (size_t i = 1; i < count; i++)
      g_string_append_printf(text, ";p%zu", i);
    Slice many = slice_of(text->str, text->len), few = SLICE("<sip:h>;tag=1");
    assert_int_equal(sip_value_equal(SIP_HEADER_FROM, many, few), count == PARAMS_MAX);
    assert_int_equal(sip_value_equal(SIP_HEADER_FROM, few, many), count == PARAMS_MAX);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_values),          cmocka_unit_test(test_more_parameters_than_are_sorted),
    cmocka_unit_test(test_equality_groups), cmocka_unit_test(test_uris),
    cmocka_unit_test(test_uri_limits),      cmocka_unit_test(test_parameters_of_one),
  };

  return cmocka_run_group_tests_name("sip_equal", tests, NULL, NULL);
}
