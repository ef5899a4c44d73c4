/*
 * Verifier: what can be proven with material that the user gives: signatures of PASSporTs
 * (RFC 8224, 8225) with certificates, and digest credentials (RFC 7616) with passwords.
 *
 * A verdict is only given where it is certain; nothing is fetched.  Passwords are in memory that
 * is wiped when it is freed, and are never given out.
 */
#pragma once

#include <glib.h>

#include "dissect/sip/passport.h"

typedef struct {
  const char *const *certificates; /* PEM files, NULL-terminated; or NULL */
  const char *passwords;           /* a file, or NULL */
} VerifierFiles;

typedef struct Verifier Verifier;

/* Reads the files.  *ret_warning: what the user should know, freed with g_free; or NULL. */
Verifier *verifier_new(const VerifierFiles *files, char **ret_warning, GError **error);
void verifier_free(Verifier *verifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verifier, verifier_free)

/* --- PASSporTs -------------------------------------------------------------------------------- */

typedef enum {
  SIGNATURE_NOT_CHECKED, /* no certificates were given */
  SIGNATURE_UNREADABLE,  /* see Passport.fault, or not ES256 */
  SIGNATURE_VALID,
  SIGNATURE_EXPIRED,        /* right, but the certificate was not valid at the time of iat */
  SIGNATURE_INVALID,        /* not made by the key of the certificate that x5u means */
  SIGNATURE_NO_CERTIFICATE, /* not made by any given one, and none is named as in x5u */
} SignatureState;

/* "valid"; a word of its own for each state, "not checked" for the first. */
const char *signature_state_name(SignatureState state);

typedef struct {
  SignatureState state;
  const char *certificate; /* its subject, owned by the verifier; NULL: there is none */
  bool is_guessed;         /* it is only the one that was given: x5u may mean another */
} SignatureVerdict;

/*
 * x5u means the certificate from a file with the last part of its path as name, or the one that
 * another PASSporT with the same x5u was signed by.  Without one it is guessed to mean the only one
 * that was given, unless that has signed for another x5u.  `verifier` may be NULL.
 */
SignatureVerdict verifier_check_passport(Verifier *verifier, const Passport *passport);

/* --- Digest credentials ----------------------------------------------------------------------- */

typedef enum {
  DIGEST_NOT_CHECKED, /* no passwords were given, or the method is ACK or CANCEL */
  DIGEST_UNREADABLE,  /* a parameter is missing, or the algorithm or qop is not known */
  DIGEST_NO_USER,     /* the user is not listed for the realm */
  DIGEST_RIGHT,
  DIGEST_WRONG,         /* made with another password */
  DIGEST_WRONG_OR_BODY, /* qop is auth-int: or the body was changed after */
} DigestState;

const char *digest_state_name(DigestState state);

/* The credentials of a value of Authorization or Proxy-Authorization in that request.  `verifier`
 * may be NULL. */
DigestState verifier_check_digest(const Verifier *verifier, const SipMsg *request,
                                  Slice credentials);
