/*
 * AMR and AMR-WB in RTP (RFC 4867): the frames of one payload, bandwidth-efficient (4.3) or
 * octet-aligned (4.4).  Interleaving, CRCs and robust sorting are not supported.  The two libraries
 * have the same functions under other names.
 */
#pragma once

#include "dissect/media/audio_codec.h"

enum {
  AMR_FRAMES_MAX = 50, /* of a payload: 1 s */
  AMR_FRAME_BYTES = 1 + 60,
};

typedef struct {
  bool is_wide;
  bool octet_align;
} AmrFormat;

typedef enum {
  AMR_SPEECH,
  AMR_NOISE,   /* SID: comfort noise */
  AMR_NO_DATA, /* or lost, or damaged */
} AmrFrameKind;

typedef struct {
  AmrFrameKind kind;
  uint8_t bytes[AMR_FRAME_BYTES]; /* as in a file: a header, and the bits (RFC 4867 5.3) */
} AmrFrame;

/* By a=fmtp; false when it asks for what is not supported. */
bool amr_format_read(const MediaPayload *payload, bool is_wide, AmrFormat *ret_format);

/* How many frames there are; 0 when the payload is malformed. */
size_t amr_payload_read(Slice payload, const AmrFormat *format,
                        AmrFrame ret_frames[AMR_FRAMES_MAX]);

typedef struct {
  bool is_wide;
  size_t frame_samples;
  void *(*init)(void);
  void (*decode)(void *decoder, const unsigned char *frame, short *samples, int bad);
  void (*exit)(void *decoder);
} AmrLibrary;

/* As in an AudioDecoder. */
void *amr_new(const MediaPayload *payload, const AmrLibrary *library);
size_t amr_decode(void *state, Slice payload, int16_t *ret_samples);
void amr_free(void *state);
