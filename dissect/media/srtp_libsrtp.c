/* SrtpCrypto by libsrtp2. */
#include <glib.h>
#include <srtp2/srtp.h>

#include "capture/thread.h"
#include "dissect/media/srtp_crypto.h"

enum { WINDOW = 1024 }; /* packets that may come late */

struct SrtpContext {
  srtp_t session;
  uint32_t ssrc;
  bool has_mki;
};

typedef void (*SetPolicy)(srtp_crypto_policy_t *policy);

/* RFC 4568 6.2.2: SRTCP has the long tag in any case. */
static const struct {
  SetPolicy rtp, rtcp;
} POLICIES[] = {
  [SRTP_AES_CM_128_80] = {srtp_crypto_policy_set_rtp_default, srtp_crypto_policy_set_rtp_default},
  [SRTP_AES_CM_128_32] = {srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
                          srtp_crypto_policy_set_rtp_default},
  [SRTP_AES_256_CM_80] = {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
                          srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
  [SRTP_AES_256_CM_32] = {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
                          srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
  [SRTP_AEAD_AES_128_GCM] = {srtp_crypto_policy_set_aes_gcm_128_16_auth,
                             srtp_crypto_policy_set_aes_gcm_128_16_auth},
  [SRTP_AEAD_AES_256_GCM] = {srtp_crypto_policy_set_aes_gcm_256_16_auth,
                             srtp_crypto_policy_set_aes_gcm_256_16_auth},
};

const char *srtp_library_name(void)
{
  return srtp_get_version_string();
}

/* The library's own state is one for the process, and so is what is known of it. */
static struct {
  GMutex lock; /* of what follows */
  GCond changed;
  bool has_loader, is_wanted, is_ready;
  srtp_t first; /* is kept: without any, modules of the library below would go, and come again */
} library;

/* Takes a tenth of a second where libsrtp uses NSS, which reads its modules and random bytes. */
static void load(void)
{
  unsigned char key[SRTP_MAX_KEY_LEN] = {0};
  srtp_policy_t policy = {.ssrc = {ssrc_any_inbound, 0}, .key = key};

  (void) srtp_init();
  srtp_crypto_policy_set_rtp_default(&policy.rtp);
  srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
  (void) srtp_create(&library.first, &policy);
  library.is_ready = true;
  g_cond_broadcast(&library.changed);
}

static gpointer load_when_wanted(gpointer unused)
{
  g_mutex_lock(&library.lock);
  while (!library.is_wanted)
    g_cond_wait(&library.changed, &library.lock);
  load();
  g_mutex_unlock(&library.lock);
  return unused;
}

void srtp_library_prepare(void)
{
  g_mutex_lock(&library.lock);
  bool begins = !library.has_loader && !library.is_ready;
  library.has_loader = true;
  g_mutex_unlock(&library.lock);
  if (!begins)
    return;
  GThread *thread = thread_new("srtp", load_when_wanted, NULL, NULL);
  if (thread) {
    g_thread_unref(thread);
    return;
  }
  g_mutex_lock(&library.lock);
  library.has_loader = false;
  g_mutex_unlock(&library.lock);
}

/* Once in a process, whichever thread comes first. */
static void init_library(void)
{
  g_mutex_lock(&library.lock);
  if (!library.is_ready && !library.has_loader)
    load();
  if (!library.is_ready) {
    library.is_wanted = true;
    g_cond_broadcast(&library.changed);
  }
  while (!library.is_ready)
    g_cond_wait(&library.changed, &library.lock);
  g_mutex_unlock(&library.lock);
}

SrtpContext *srtp_context_new(const SrtpKey *key, uint32_t ssrc)
{
  srtp_master_key_t master = {(unsigned char *) (uintptr_t) key->master,
                              (unsigned char *) (uintptr_t) key->mki, key->mki_len};
  srtp_master_key_t *masters[] = {&master};
  srtp_policy_t policy = {
    .ssrc = {ssrc_specific, ssrc},
    .keys = masters,
    .num_master_keys = 1,
    .window_size = WINDOW,
  };
  srtp_t session;

  if (!srtp_suite_is_readable(key->suite))
    return NULL;
  init_library();
  POLICIES[key->suite].rtp(&policy.rtp);
  POLICIES[key->suite].rtcp(&policy.rtcp);
  if (key->is_plain_rtp)
    policy.rtp.sec_serv = sec_serv_auth;
  if (key->is_plain_rtcp)
    policy.rtcp.sec_serv = sec_serv_auth;
  if (srtp_create(&session, &policy) != srtp_err_status_ok)
    return NULL;
  SrtpContext *context = g_new(SrtpContext, 1);
  *context = (SrtpContext){session, ssrc, key->mki_len > 0};
  return context;
}

void srtp_context_free(SrtpContext *context)
{
  if (!context)
    return;
  srtp_dealloc(context->session);
  g_free(context);
}

bool srtp_library_has(SrtpSuite suite)
{
  const SrtpKey key = {.suite = (uint8_t) suite};
  SrtpContext *context = srtp_context_new(&key, 0);

  srtp_context_free(context);
  return context != NULL;
}

typedef srtp_err_status_t (*Unprotect)(srtp_t session, void *packet, int *len, unsigned has_mki);

static bool open_by(Unprotect unprotect, const SrtpContext *context, uint8_t *packet, size_t *len)
{
  int length = (int) *len;

  if (unprotect(context->session, packet, &length, context->has_mki) != srtp_err_status_ok)
    return false;
  *len = (size_t) length;
  return true;
}

bool srtp_context_open(SrtpContext *context, uint8_t *packet, size_t *len)
{
  return open_by(srtp_unprotect_mki, context, packet, len);
}

bool srtp_context_open_control(SrtpContext *context, uint8_t *packet, size_t *len)
{
  return open_by(srtp_unprotect_rtcp_mki, context, packet, len);
}

void srtp_context_set_rollover(SrtpContext *context, uint32_t counter)
{
  (void) srtp_set_stream_roc(context->session, context->ssrc, counter);
}

uint32_t srtp_context_rollover(const SrtpContext *context)
{
  uint32_t counter = 0;

  (void) srtp_get_stream_roc(context->session, context->ssrc, &counter);
  return counter;
}
