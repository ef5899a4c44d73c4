#include "dissect/verify/verifier.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "tests/test.h"

/* A verifier with that file of passwords. */
static Verifier *verifier_of(const char *passwords, char **ret_warning)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_file_open_tmp("rung-passwords-XXXXXX", &path, NULL);

  assert_true(fd >= 0 && g_file_set_contents(path, passwords, -1, NULL) &&
              g_chmod(path, 0600) == 0);
  close(fd);
  Verifier *verifier = verifier_new(&(VerifierFiles){NULL, path}, ret_warning, &error);
  g_unlink(path);
  return verifier;
}

static DigestState check(const char *passwords, const char *start, const char *credentials)
{
  g_autofree char *warning = NULL;
  g_autoptr(Verifier) verifier = verifier_of(passwords, &warning);
  g_autofree char *text = g_strdup_printf(
    "%s SIP/2.0\r\nAuthorization: %s\r\nContent-Length: 0\r\n\r\n", start, credentials);
  g_autofree char *bytes = exact_copy(text, strlen(text));
  SipHeaderRow row;
  SipMsg msg;

  assert_non_null(verifier);
  assert_int_equal(sip_msg_parse(slice_of(bytes, strlen(text)), false, &msg), SIP_OK);
  assert_true(sip_msg_find(&msg, SIP_HEADER_AUTHORIZATION, &row));
  return verifier_check_digest(verifier, &msg, row.value);
}

/* RFC 2617 3.5 */
#define MUFASA(response)                                                                           \
  "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "                                     \
  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, " \
  "cnonce=\"0a4f113b\", response=\"" response "\""

/* RFC 7616 3.9.1 */
#define RFC7616(algorithm, response)                                                               \
  "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "         \
  "algorithm=" algorithm ", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, " \
  "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"" response "\""

#define RIGHT MUFASA("6629fae49393a05397450978507c4ef1")
#define GET "GET /dir/index.html"

static void test_digests(void **state)
{
  static const struct {
    const char *passwords, *start, *credentials;
    DigestState state;
  } CASES[] = {
    {"Mufasa:Circle Of Life\n", GET, RIGHT, DIGEST_RIGHT},
    {"Mufasa:testrealm@host.com:Circle Of Life\r\n", GET, RIGHT, DIGEST_RIGHT},
    {"# a:b\n\nMufasa:testrealm@host.com:939e7578ed9e3c518a452acee763bce9", GET, RIGHT,
     DIGEST_RIGHT},
    {"Mufasa:939E7578ED9E3C518A452ACEE763BCE9", GET, RIGHT, DIGEST_RIGHT},
    {"Mufasa:x\nMufasa:y\nMufasa:Circle Of Life\n", GET, RIGHT, DIGEST_RIGHT},
    {"Mufasa:Circle of Life\n", GET, RIGHT, DIGEST_WRONG},
    {"Mufasa:testrealm@host.com:no\n", GET, RIGHT, DIGEST_WRONG},
    {"Mufasa:otherrealm:Circle Of Life\n", GET, RIGHT, DIGEST_NO_USER},
    {"mufasa:Circle Of Life\n", GET, RIGHT, DIGEST_NO_USER},
    {"", GET, RIGHT, DIGEST_NO_USER},
    {"Mufasa:Circle Of Life\n", "HEAD /dir/index.html", RIGHT, DIGEST_WRONG},
    {"Mufasa:Circle Of Life\n", "ACK /dir/index.html", RIGHT, DIGEST_NOT_CHECKED},
    {"Mufasa:Circle of Life\n", GET, RFC7616("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
     DIGEST_RIGHT},
    {"Mufasa:Circle of Life\n", GET,
     RFC7616("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
     DIGEST_RIGHT},
    {"Mufasa:Circle of Life\n", GET, RFC7616("MD5", "753927fa0e85d155564e2e272a28d180"),
     DIGEST_WRONG},
    {"Mufasa:Circle of Life\n", GET, RFC7616("AKAv1-MD5", "8ca5"), DIGEST_UNREADABLE},
    {"Mufasa:x\n", GET, "Basic TXVmYXNhOng=", DIGEST_UNREADABLE},
    {"Mufasa:x\n", GET, "Digest", DIGEST_UNREADABLE},
    {"Mufasa:x\n", GET, "Digest username=\"Mufasa\"", DIGEST_UNREADABLE},
    {":x\n", GET, "Digest username=\"\",realm=r,nonce=n,uri=u,response=r", DIGEST_NO_USER},
    {"a:x\n", GET, "Digest username=a,realm=r,nonce=n,uri=u,response=r,qop=auth",
     DIGEST_UNREADABLE},
    {"a:x\n", GET, "Digest username=a,realm=r,nonce=n,uri=u,response=r,qop=future",
     DIGEST_UNREADABLE},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    if (check(CASES[i].passwords, CASES[i].start, CASES[i].credentials) != CASES[i].state)
      fail_msg("case %zu", i);
}

static void test_files(void **state)
{
  g_autofree char *warning = NULL, *none = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(Verifier) verifier = verifier_of("no colon\n", &warning);
  const char *const missing[] = {"/does/not/exist.pem", NULL};

  (void) state;
  assert_non_null(verifier);
  assert_non_null(warning);
  assert_null(verifier_new(&(VerifierFiles){NULL, "/"}, &none, &error));
  g_clear_error(&error);
  assert_null(verifier_new(&(VerifierFiles){missing, NULL}, &none, &error));
  assert_non_null(error);
  SipMsg msg = {.is_request = true};
  assert_int_equal(verifier_check_digest(NULL, &msg, SLICE_NONE), DIGEST_NOT_CHECKED);
  Passport passport = {.fault = NULL};
  assert_int_equal(verifier_check_passport(NULL, &passport).state, SIGNATURE_NOT_CHECKED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_digests),
    cmocka_unit_test(test_files),
  };

  return cmocka_run_group_tests_name("verifier", tests, NULL, NULL);
}
