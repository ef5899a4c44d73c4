#include "dissect/sip/pseudonym.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "tests/test.h"

static const uint8_t KEY[PSEUDONYM_KEY] = "a key of the tests, always the s";

static char *word_of(Pseudonyms *pseudonyms, const char *word)
{
  char *copy = exact_copy(word, strlen(word) + 1);

  pseudonyms_word(pseudonyms, copy, strlen(word));
  return copy;
}

static char *address_of(Pseudonyms *pseudonyms, const char *address)
{
  char *copy = exact_copy(address, strlen(address) + 1);

  assert_true(pseudonyms_address_text(pseudonyms, copy, strlen(address)));
  return copy;
}

static unsigned class_of(char c)
{
  return g_ascii_isdigit(c) ? 1 : g_ascii_isupper(c) ? 2 : g_ascii_islower(c) ? 3 : 4;
}

static void test_words_keep_their_form(void **state)
{
  static const char *const WORDS[] = {"Alice", "bob17",    "x",
                                      "Z",     "00af",     "4930123456789",
                                      "Ünsal", "大橋花子", "f81d4fae7dec11d0a76500a0c91e6bf6"};
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
    g_autofree char *word = word_of(pseudonyms, WORDS[i]), *again = word_of(pseudonyms, WORDS[i]);
    assert_string_not_equal(word, WORDS[i]);
    assert_string_equal(word, again);
    assert_int_equal(strlen(word), strlen(WORDS[i]));
    assert_true(g_utf8_validate(word, -1, NULL));
    for (size_t j = 0; WORDS[i][j]; j++)
      assert_int_equal(class_of(word[j]), class_of(WORDS[i][j]));
  }
  g_autofree char *digest = word_of(pseudonyms, WORDS[G_N_ELEMENTS(WORDS) - 1]);
  assert_int_equal(strspn(digest, "0123456789abcdef"), 32);
}

static void test_case_apart(void **state)
{
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  g_autofree char *lower = word_of(pseudonyms, "proxy9"), *upper = word_of(pseudonyms, "PROXY9");
  g_autofree char *folded = g_ascii_strdown(upper, -1);

  (void) state;
  assert_string_equal(lower, folded);
}

/* All words of a form, and all of them different: a permutation. */
static void test_no_two_become_one(void **state)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  char word[8];

  (void) state;
  for (unsigned i = 0; i < 1000; i++) {
    snprintf(word, sizeof word, "%03u", i);
    assert_true(g_hash_table_add(seen, word_of(pseudonyms, word)));
  }
  for (unsigned i = 0; i < 26 * 26; i++) {
    snprintf(word, sizeof word, "%c%c", (char) ('a' + i / 26), (char) ('a' + i % 26));
    assert_true(g_hash_table_add(seen, word_of(pseudonyms, word)));
  }
  for (unsigned i = 0; i < 10; i++) {
    snprintf(word, sizeof word, "%u", i);
    assert_true(g_hash_table_add(seen, word_of(pseudonyms, word)));
  }
}

static void test_numbers_end_alike(void **state)
{
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  g_autofree char *whole = word_of(pseudonyms, "49301234567");
  g_autofree char *national = word_of(pseudonyms, "0301234567");
  g_autofree char *other = word_of(pseudonyms, "0301234568");

  (void) state;
  assert_string_equal(whole + 3, national + 2);
  assert_string_not_equal(other + 2, national + 2);
}

static void test_another_key(void **state)
{
  static const uint8_t OTHER[PSEUDONYM_KEY] = "another";
  g_autoptr(Pseudonyms) one = pseudonyms_new(KEY), two = pseudonyms_new(OTHER);
  g_autofree char *first = word_of(one, "49301234567"), *second = word_of(two, "49301234567");

  (void) state;
  assert_string_not_equal(first, second);
}

static unsigned kind_of(uint32_t address)
{
  return address >> 24 == 10       ? 1
         : address >> 20 == 0xac1  ? 2
         : address >> 16 == 0xc0a8 ? 3
         : address >> 28 == 0xe    ? 4
         : address >> 24 == 127    ? 5
         : address >> 16 == 0xa9fe ? 6
         : address >> 22 == 0x191  ? 7
         : address >> 28 == 0xf    ? 8
                                   : 0;
}

static void test_ipv4(void **state)
{
  static const char *const ADDRESSES[] = {
    "10.1.2.3",     "10.255.100.99", "172.16.0.1",  "172.31.4.5",  "172.32.0.1",    "192.168.1.1",
    "192.0.2.10",   "169.254.7.8",   "169.253.1.1", "100.64.0.1",  "100.128.255.1", "8.8.8.8",
    "198.51.100.7", "223.9.9.9",     "224.0.1.75",  "239.255.1.2", "99.1.1.1",      "203.0.113.99",
  };
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ADDRESSES); i++) {
    g_autofree char *text = address_of(pseudonyms, ADDRESSES[i]);
    struct in_addr before, after;
    assert_int_equal(strlen(text), strlen(ADDRESSES[i]));
    assert_string_not_equal(text, ADDRESSES[i]);
    assert_int_equal(inet_pton(AF_INET, ADDRESSES[i], &before), 1);
    assert_int_equal(inet_pton(AF_INET, text, &after), 1);
    assert_int_equal(kind_of(ntohl(before.s_addr)), kind_of(ntohl(after.s_addr)));
    pseudonyms_address(pseudonyms, (uint8_t *) &before, 4);
    assert_int_equal(before.s_addr, after.s_addr);
  }
}

static void test_ipv4_stays(void **state)
{
  static const char *const SAME[] = {"127.0.0.1", "0.0.0.0", "255.255.255.255"};
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SAME); i++) {
    g_autofree char *text = address_of(pseudonyms, SAME[i]);
    assert_string_equal(text, SAME[i]);
  }
}

/* All hosts of a network, and all first two bytes: prefixes stay common, no two become one. */
static void test_ipv4_is_a_permutation(void **state)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  uint8_t network[] = {192, 0, 2, 0};

  (void) state;
  pseudonyms_address(pseudonyms, network, 4);
  for (unsigned i = 0; i < 0x10000; i += 7) {
    uint8_t address[] = {(uint8_t) (i >> 8), (uint8_t) i, 3, 4}, host[] = {192, 0, 2, (uint8_t) i};
    pseudonyms_address(pseudonyms, address, 4);
    assert_true(g_hash_table_add(
                  seen, GUINT_TO_POINTER((unsigned) address[0] << 24 | (unsigned) address[1] << 16 |
                                         (unsigned) address[2] << 8 | address[3] | 1U << 31)) ||
                address[0] >= 128);
    pseudonyms_address(pseudonyms, host, 4);
    assert_memory_equal(host, network, 3);
  }
}

static void test_ipv6(void **state)
{
  static const char *const ADDRESSES[] = {"2001:db8::1",
                                          "2001:db8:0:1:1a:22b:333:4444",
                                          "fe80::21b:63ff:fe8d:a3",
                                          "fd00::1",
                                          "2001:0db8::00ff",
                                          "2A02::F",
                                          "::ffff:192.0.2.1",
                                          "ff02::fb"};
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ADDRESSES); i++) {
    g_autofree char *text = address_of(pseudonyms, ADDRESSES[i]);
    uint8_t before[16], after[16];
    assert_int_equal(strlen(text), strlen(ADDRESSES[i]));
    assert_string_not_equal(text, ADDRESSES[i]);
    assert_int_equal(inet_pton(AF_INET6, ADDRESSES[i], before), 1);
    assert_int_equal(inet_pton(AF_INET6, text, after), 1);
    pseudonyms_address(pseudonyms, before, 16);
    assert_memory_equal(before, after, 16);
    assert_true(ADDRESSES[i][0] != 'f' || (text[0] == 'f' && text[1] == ADDRESSES[i][1]));
  }
  g_autofree char *loopback = address_of(pseudonyms, "::1");
  assert_string_equal(loopback, "::1");
  char no[] = "10:20:30";
  assert_false(pseudonyms_address_text(pseudonyms, no, strlen(no)));
}

static void test_list(void **state)
{
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  g_autofree char *word = word_of(pseudonyms, "Alice");
  g_autofree char *address = address_of(pseudonyms, "192.0.2.10");
  g_autofree char *lower = g_ascii_strdown(word, -1);
  g_autofree char *expected = g_strdup_printf("192.0.2.10\t%s\nalice\t%s\n", address, lower);
  g_autoptr(GString) list = g_string_new(NULL);
  uint64_t forgotten = 1;

  (void) state;
  pseudonyms_append_list(pseudonyms, list, &forgotten);
  assert_string_equal(list->str, expected);
  assert_int_equal(forgotten, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_words_keep_their_form),
    cmocka_unit_test(test_case_apart),
    cmocka_unit_test(test_no_two_become_one),
    cmocka_unit_test(test_numbers_end_alike),
    cmocka_unit_test(test_another_key),
    cmocka_unit_test(test_ipv4),
    cmocka_unit_test(test_ipv4_stays),
    cmocka_unit_test(test_ipv4_is_a_permutation),
    cmocka_unit_test(test_ipv6),
    cmocka_unit_test(test_list),
  };

  return cmocka_run_group_tests_name("pseudonym", tests, NULL, NULL);
}
