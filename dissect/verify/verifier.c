#include "dissect/verify/verifier.h"

#include "capture/error.h"
#include "capture/language.h"
#include "capture/whole_file.h"
#include "dissect/verify/crypto.h"
#include "dissect/verify/digest.h"

/* URIs of x5u whose certificate became known; those beyond are not remembered. */
enum { LEARNED_MAX = 4096, PEM_MAX = 16 * 1024 * 1024 };

typedef struct {
  char *name; /* of the file, without folders */
  VerifyCertificate *certificate;
} Given;

struct Verifier {
  GPtrArray *given;     /* Given */
  GHashTable *learned;  /* x5u (char *) -> Given */
  Passwords *passwords; /* NULL: none */
};

static void given_free(void *data)
{
  Given *given = data;

  verify_certificate_free(given->certificate);
  g_free(given->name);
  g_free(given);
}

/* --- Files ------------------------------------------------------------------------------------ */

static bool fail(const char *name, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", name, why);
  return false;
}

static bool add_certificates(Verifier *verifier, const char *name, GError **error)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new();
  WholeFile file;

  if (!verify_has_crypto())
    return fail(name, _("this build cannot check signatures: it lacks OpenSSL"), error);
  if (!whole_file_read(name, PEM_MAX, &file, error))
    return false;
  unsigned others = verify_certificates_read(slice_of(file.text, file.len), found);
  g_free(file.text);
  if (found->len == 0)
    return fail(name,
                others > 0 ? _("no certificate has a P-256 key, which ES256 needs")
                           : _("not a certificate in PEM"),
                error);
  for (guint i = 0; i < found->len; i++) {
    Given *given = g_new0(Given, 1);
    given->name = g_path_get_basename(name);
    given->certificate = found->pdata[i];
    g_ptr_array_add(verifier->given, given);
  }
  return true;
}

Verifier *verifier_new(const VerifierFiles *files, char **ret_warning, GError **error)
{
  g_autoptr(Verifier) verifier = g_new0(Verifier, 1);

  verifier->given = g_ptr_array_new_with_free_func(given_free);
  verifier->learned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  *ret_warning = NULL;
  for (size_t i = 0; files->certificates && files->certificates[i]; i++)
    if (!add_certificates(verifier, files->certificates[i], error))
      return NULL;
  if (files->passwords) {
    verifier->passwords = passwords_read(files->passwords, ret_warning, error);
    if (!verifier->passwords)
      return NULL;
  }
  return g_steal_pointer(&verifier);
}

void verifier_free(Verifier *verifier)
{
  if (!verifier)
    return;
  g_ptr_array_unref(verifier->given);
  g_hash_table_unref(verifier->learned);
  passwords_free(verifier->passwords);
  g_free(verifier);
}

/* --- PASSporTs -------------------------------------------------------------------------------- */

const char *signature_state_name(SignatureState state)
{
  static const char *const NAMES[] = {
    [SIGNATURE_NOT_CHECKED] = N_("not checked"),
    [SIGNATURE_UNREADABLE] = N_("unreadable"),
    [SIGNATURE_VALID] = N_("valid"),
    [SIGNATURE_EXPIRED] = N_("expired"),
    [SIGNATURE_INVALID] = N_("invalid"),
    [SIGNATURE_NO_CERTIFICATE] = N_("no certificate"),
  };

  return NAMES[state];
}

/* The last part of the path of a URI. */
static Slice file_of_uri(Slice uri)
{
  uri = slice_head(uri, MIN(slice_find(uri, '?'), slice_find(uri, '#')));
  const char *slash = uri.len > 0 ? memrchr(uri.data, '/', uri.len) : NULL;

  return slash ? slice_from(uri, (size_t) (slash - uri.data) + 1) : uri;
}

static void learn(Verifier *verifier, Slice x5u, Given *given)
{
  if (x5u.len > 0 && g_hash_table_size(verifier->learned) < LEARNED_MAX)
    g_hash_table_replace(verifier->learned, slice_dup(x5u), given);
}

/* The certificate that x5u means, or NULL. */
static const Given *find_named(const Verifier *verifier, Slice x5u)
{
  g_autofree char *key = slice_dup(x5u);
  const Given *learned = g_hash_table_lookup(verifier->learned, key);
  Slice file = file_of_uri(x5u);

  for (guint i = 0; i < verifier->given->len && !learned; i++) {
    const Given *given = verifier->given->pdata[i];
    if (file.len > 0 && slice_eq(file, slice_from_string(given->name)))
      return given;
  }
  return learned;
}

static SignatureVerdict judge_refused(const Verifier *verifier, Slice x5u)
{
  const Given *given = find_named(verifier, x5u);
  bool is_guessed =
    !given && verifier->given->len == 1 && g_hash_table_size(verifier->learned) == 0;

  if (is_guessed)
    given = verifier->given->pdata[0];
  if (!given)
    return (SignatureVerdict){.state = SIGNATURE_NO_CERTIFICATE};
  return (SignatureVerdict){SIGNATURE_INVALID, given->certificate->subject, is_guessed};
}

SignatureVerdict verifier_check_passport(Verifier *verifier, const Passport *passport)
{
  if (!verifier || verifier->given->len == 0)
    return (SignatureVerdict){.state = SIGNATURE_NOT_CHECKED};
  if (passport->fault || !slice_eq(passport->alg, SLICE("ES256")))
    return (SignatureVerdict){.state = SIGNATURE_UNREADABLE};
  for (guint i = 0; i < verifier->given->len; i++) {
    Given *given = verifier->given->pdata[i];
    const VerifyCertificate *certificate = given->certificate;
    if (!verify_es256(certificate->key, passport->signed_text, passport->signature))
      continue;
    bool is_current =
      passport->iat_s >= certificate->from_s && passport->iat_s <= certificate->until_s;
    learn(verifier, passport->x5u, given);
    return (SignatureVerdict){.state = is_current ? SIGNATURE_VALID : SIGNATURE_EXPIRED,
                              .certificate = certificate->subject};
  }
  return judge_refused(verifier, passport->x5u);
}

/* --- Digest credentials ----------------------------------------------------------------------- */

const char *digest_state_name(DigestState state)
{
  static const char *const NAMES[] = {
    [DIGEST_NOT_CHECKED] = N_("not checked"),
    [DIGEST_UNREADABLE] = N_("unreadable"),
    [DIGEST_NO_USER] = N_("user not listed"),
    [DIGEST_RIGHT] = N_("right"),
    [DIGEST_WRONG] = N_("wrong"),
    [DIGEST_WRONG_OR_BODY] = N_("wrong or body changed"),
  };

  return NAMES[state];
}

DigestState verifier_check_digest(const Verifier *verifier, const SipMsg *request,
                                  Slice credentials)
{
  if (!verifier || !verifier->passwords)
    return DIGEST_NOT_CHECKED;
  return digest_check(verifier->passwords, request, credentials);
}
