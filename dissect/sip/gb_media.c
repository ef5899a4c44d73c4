#include "dissect/sip/gb_media.h"

#include <glib.h>

#include "capture/language.h"
#include "dissect/sip/sdp.h"

Slice gb_sdp_ssrc(Slice sdp)
{
  SdpLine line;

  if (slice_find(sdp, 'y') == sdp.len) /* nearly always */
    return SLICE_NONE;
  while (sdp_line_next(&sdp, &line))
    if (line.type == 'y')
      return slice_trim(line.value);
  return SLICE_NONE;
}

bool gb_ssrc_read(Slice y, uint32_t *ret_ssrc, bool *ret_is_record)
{
  uint32_t ssrc;

  if (y.len != GB_SSRC_LEN || !slice_to_u32(y, &ssrc))
    return false;
  *ret_ssrc = ssrc;
  *ret_is_record = y.data[0] == '1';
  return true;
}

/* --- f= --------------------------------------------------------------------------------------- */

/* The names of a number from 1; the ends of the lists are NULL. */
static const char *const VIDEO_CODECS[] = {"MPEG-4", "H.264", "SVAC", "3GP", "H.265", NULL};
static const char *const RESOLUTIONS[] = {"QCIF", "CIF", "4CIF", "D1", "720P", "1080P", NULL};
static const char *const RATE_TYPES[] = {"CBR", "VBR", NULL};
static const char *const AUDIO_CODECS[] = {"G.711", "G.723.1", "G.729", "G.722.1",
                                           "SVAC",  "AAC",     NULL};
static const char *const SAMPLINGS[] = {"8 kHz", "14 kHz", "16 kHz", "32 kHz", NULL};

typedef struct {
  const char *const *names; /* NULL: the number itself */
  const char *unit;
} Part;

static const Part VIDEO[] = {
  {VIDEO_CODECS, ""}, {RESOLUTIONS, ""}, {NULL, " fps"}, {RATE_TYPES, ""}, {NULL, " kbit/s"},
};
/* The bit rate of audio is a number of a list; nearly all peers send that of the codec. */
static const Part AUDIO[] = {{AUDIO_CODECS, ""}, {NULL, NULL}, {SAMPLINGS, ""}};

/* Empty or 0: not said. */
static void append_part(GString *to, const Part *part, Slice word)
{
  uint32_t number;

  if (!part->unit || !slice_to_u32(slice_trim(word), &number) || number == 0)
    return;
  for (uint32_t i = 1; part->names; i++) {
    if (!part->names[i - 1])
      return;
    if (i == number) {
      g_string_append_printf(to, " %s", part->names[i - 1]);
      return;
    }
  }
  g_string_append_printf(to, " %u%s", number, part->unit);
}

static void append_parts(GString *to, const char *media, const Part *parts, size_t count,
                         Slice words)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (size_t i = 0; i < count; i++)
    append_part(text, &parts[i], slice_cut(&words, '/'));
  if (text->len > 0)
    g_string_append_printf(to, "%s%s%s", to->len > 0 ? "; " : "", media, text->str);
}

const char *gb_format_text(Slice f, char text[GB_FORMAT_TEXT_MAX])
{
  g_autoptr(GString) said = g_string_new(NULL);
  Slice video = f, audio;

  audio = slice_from(f, slice_find(f, 'a'));
  video.len = f.len - audio.len;
  if (slice_starts_with(video, SLICE("v/")))
    append_parts(said, _("video"), VIDEO, G_N_ELEMENTS(VIDEO), slice_from(video, 2));
  if (slice_starts_with(audio, SLICE("a/")))
    append_parts(said, _("audio"), AUDIO, G_N_ELEMENTS(AUDIO), slice_from(audio, 2));
  g_strlcpy(text, said->str, GB_FORMAT_TEXT_MAX);
  return text;
}

/* --- u=, Subject ------------------------------------------------------------------------------ */

const char *gb_source_type(Slice u, Slice *ret_channel)
{
  static const char *const TYPES[] = {N_("all records"), N_("recorded by hand"),
                                      N_("recorded on an alarm"), N_("recorded by time")};
  Slice type = u, channel = slice_cut(&type, ':');
  uint32_t number;

  if (!slice_to_u32(slice_trim(type), &number) || number >= G_N_ELEMENTS(TYPES))
    return NULL;
  *ret_channel = channel;
  return _(TYPES[number]);
}

static bool is_id(Slice id)
{
  for (size_t i = 0; i < id.len; i++)
    if (!g_ascii_isdigit(id.data[i]))
      return false;
  return id.len > 0;
}

bool gb_subject_read(Slice subject, GbSubject *ret_subject)
{
  Slice receiver = subject, sender = slice_cut(&receiver, ',');
  Slice sender_sequence = sender, receiver_sequence = receiver;
  bool has_sequence = slice_find(sender, ':') < sender.len;
  GbSubject read;

  read.sender = slice_trim(slice_cut(&sender_sequence, ':'));
  read.sender_sequence = slice_trim(sender_sequence);
  read.receiver = slice_trim(slice_cut(&receiver_sequence, ':'));
  read.receiver_sequence = slice_trim(receiver_sequence);
  if (!has_sequence || !is_id(read.sender))
    return false;
  *ret_subject = read;
  return true;
}
