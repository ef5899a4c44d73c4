/* AudioDecoder: G.722, G.726 and GSM 06.10 by spandsp, as a module. */
#include <glib.h>
#include <stdint.h>

/* Needs <stdint.h>, and the others need it. */
#include <spandsp/telephony.h>

#include <spandsp/g722.h>
#include <spandsp/g726.h>
#include <spandsp/gsm0610.h>

#include "capture/module.h"
#include "dissect/media/audio_spandsp.h"

/* --- G.722: RFC 3551 4.5.2, a byte for two samples ------------------------------------------- */

static void *g722_new(const MediaPayload *format)
{
  enum { BIT_RATE = 64000 };

  return format->channels > 1 ? NULL : g722_decode_init(NULL, BIT_RATE, 0);
}

static size_t g722_payload_decode(void *state, Slice payload, int16_t *ret_samples)
{
  if (payload.len > AUDIO_SAMPLES_MAX / 2)
    return 0;
  return (size_t) g722_decode(state, ret_samples, (const uint8_t *) payload.data,
                              (int) payload.len);
}

static void g722_state_free(void *state)
{
  g722_decode_free(state);
}

/* --- G.726: 2 to 5 bits a sample -------------------------------------------------------------- */

typedef struct {
  g726_state_t *g726;
  unsigned bits;
} G726;

/* RFC 3551 4.5.4: the first sample is in the least significant bits; annex E of I.366.2, as in
 * 4.5.4 of RFC 3551 too: AAL2 begins at the most significant ones. */
static void *g726_new(const MediaPayload *format)
{
  static const unsigned BIT_RATE = 8000; /* of one bit */
  bool is_aal2 = g_ascii_strncasecmp(format->name, "AAL2-", 5) == 0;
  guint64 kilobits = g_ascii_strtoull(strrchr(format->name, '-') + 1, NULL, 10);

  if (format->channels > 1)
    return NULL;
  G726 *g726 = g_new(G726, 1);
  g726->bits = (unsigned) kilobits * 1000 / BIT_RATE;
  g726->g726 = g726_init(NULL, (int) (g726->bits * BIT_RATE), G726_ENCODING_LINEAR,
                         is_aal2 ? G726_PACKING_LEFT : G726_PACKING_RIGHT);
  return g726;
}

static size_t g726_payload_decode(void *state, Slice payload, int16_t *ret_samples)
{
  const G726 *g726 = state;

  if (payload.len * 8 / g726->bits > AUDIO_SAMPLES_MAX)
    return 0;
  return (size_t) g726_decode(g726->g726, ret_samples, (const uint8_t *) payload.data,
                              (int) payload.len);
}

static void g726_state_free(void *state)
{
  G726 *g726 = state;

  g726_free(g726->g726);
  g_free(g726);
}

/* --- GSM full rate: RFC 3551 4.5.8 ------------------------------------------------------------ */

enum { GSM_FRAME = 33, GSM_SAMPLES = 160, GSM_SIGNATURE = 0xd };

static void *gsm_new(const MediaPayload *format)
{
  return format->channels > 1 ? NULL : gsm0610_init(NULL, GSM0610_PACKING_VOIP);
}

static size_t gsm_payload_decode(void *state, Slice payload, int16_t *ret_samples)
{
  size_t frames = payload.len / GSM_FRAME;

  if (payload.len % GSM_FRAME != 0 || frames > AUDIO_SAMPLES_MAX / GSM_SAMPLES)
    return 0;
  for (size_t i = 0; i < frames; i++)
    if ((uint8_t) payload.data[i * GSM_FRAME] >> 4 != GSM_SIGNATURE)
      return 0;
  return (size_t) gsm0610_decode(state, ret_samples, (const uint8_t *) payload.data,
                                 (int) payload.len);
}

static void gsm_state_free(void *state)
{
  gsm0610_free(state);
}

MODULE_EXPORT(SpandspModule) = {
  .g722 = {g722_new, g722_payload_decode, g722_state_free},
  .g726 = {g726_new, g726_payload_decode, g726_state_free},
  .gsm = {gsm_new, gsm_payload_decode, gsm_state_free},
};
