/*
 * Pseudonyms: other words and addresses in place of those of a capture, by a secret key.
 *
 * The same word always becomes the same pseudonym, and two words never become one: each is a keyed
 * permutation (a Feistel network over HMAC-SHA-256, as in NIST SP 800-38G) of all words of that
 * form.  A digit becomes a digit, a letter a letter of the same case, so lengths stay; case apart,
 * equal words stay equal.  Of long numbers the last eight digits are replaced for themselves, so
 * +49 30 1234567 and 030 1234567 still end alike.  Addresses keep common prefixes, the number of
 * digits of each part, and what kind they are: private, link-local, multicast, loopback.
 *
 * Results are remembered, up to a limit, beyond which they are computed again.
 */
#pragma once

#include <stdint.h>

#include <glib.h>

#include "capture/slice.h"

enum { PSEUDONYM_KEY = 32, PSEUDONYM_WORD_MAX = 64 };

typedef struct Pseudonyms Pseudonyms;

Pseudonyms *pseudonyms_new(const uint8_t key[PSEUDONYM_KEY]);
void pseudonyms_free(Pseudonyms *pseudonyms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pseudonyms, pseudonyms_free)

/* Replaces a word in place: ASCII letters and digits, and bytes of UTF-8 or another charset; at
 * most PSEUDONYM_WORD_MAX of them.  What is neither stays. */
void pseudonyms_word(Pseudonyms *pseudonyms, char *word, size_t len);

/* Remembers that a word names somebody, so that it can be found in prose; and is it one? */
void pseudonyms_note_name(Pseudonyms *pseudonyms, const char *word, size_t len);
bool pseudonyms_is_name(const Pseudonyms *pseudonyms, const char *word, size_t len);

/* Replaces an address in place: 4 or 16 bytes. */
void pseudonyms_address(Pseudonyms *pseudonyms, uint8_t *address, size_t len);

/* Replaces the text of an IPv4 or IPv6 address in place; false if it is none. */
bool pseudonyms_address_text(Pseudonyms *pseudonyms, char *text, size_t len);

/* Appends a line for each word and address that was replaced and is remembered: what it was, TAB,
 * what it is now; in order of the former.  *ret_forgotten: how many are not remembered any more. */
void pseudonyms_append_list(const Pseudonyms *pseudonyms, GString *to, uint64_t *ret_forgotten);
