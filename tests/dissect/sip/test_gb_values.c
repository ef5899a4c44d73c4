/* PTZCmd, ids, y=, f=, u= and Subject of GB/T 28181. */
#include "dissect/sip/gb_id.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_play.h"
#include "dissect/sip/gb_ptz.h"

#include "tests/test.h"

static const struct {
  const char *body, *text; /* NULL: not read */
} PLAYS[] = {
  {"PLAY RTSP/1.0\r\nCSeq: 1\r\n", "play"},
  {"PLAY MANSRTSP/1.0\r\nCSeq: 2\r\nRange: npt=now-\r\n", "play"},
  {"PLAY RTSP/1.0\nCSeq: 2\nScale: 4.0\n", "play at 4x"},
  {"play rtsp/1.0\r\nscale: 0.25\r\n", "play at 0.25x"},
  {"PLAY RTSP/1.0\r\nScale: 1\r\nRange: npt=now-\r\n", "play at 1x"},
  {"PLAY RTSP/1.0\r\nScale: -2.0\r\n", "play backwards at 2x"},
  {"PLAY RTSP/1.0\r\nScale: fast\r\n", "play (Scale is no number)"},
  {"PLAY RTSP/1.0\r\nScale: 1.\r\n", "play (Scale is no number)"},
  {"PLAY RTSP/1.0\r\nRange: npt=600-\r\n", "seek to 00:10:00"},
  {"PLAY RTSP/1.0\r\nRange: npt=0-\r\n", "seek to 00:00:00"},
  {"PLAY RTSP/1.0\r\nRange: npt=3661.50-\r\nScale: 2.0\r\n", "seek to 01:01:01.5, play at 2x"},
  {"PLAY RTSP/1.0\r\nRange: npt=0:10:07-\r\n", "seek to 0:10:07"},
  {"PLAY RTSP/1.0\r\nRange: npt=60-120\r\n", "seek to 00:01:00, play until 00:02:00"},
  {"PLAY RTSP/1.0\r\nRange: npt=now-120\r\n", "play until 00:02:00"},
  {"PLAY RTSP/1.0\r\nRange: npt=-\r\n", "play"},
  {"PLAY RTSP/1.0\r\nRange: clock=20260102T100000Z-\r\n", "seek to 20260102T100000Z"},
  {"PLAY RTSP/1.0\r\nRange: smpte=10:00-\r\n", "seek to smpte=10:00"},
  {"PAUSE RTSP/1.0\r\nPauseTime: now\r\n", "pause"},
  {"TEARDOWN RTSP/1.0\r\n", "stop"},
  {"DESCRIBE rtsp://192.0.2.1/ RTSP/1.0\r\n", "DESCRIBE"},
  {"RTSP/1.0 200 OK\r\nCSeq: 4\r\n", "RTSP 200"},
  {"MANSRTSP/1.0 454 Session Not Found\r\n", "RTSP 454"},
  {"RTSP/1.0 OK\r\n", NULL},
  {"PLAY\r\n", NULL},
  {"PLAY HTTP/1.1\r\n", NULL},
  {"\r\nPLAY RTSP/1.0\r\n", NULL},
  {"", NULL},
};

/* Each also cut at every length. */
static void test_plays(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PLAYS); i++) {
    size_t len = strlen(PLAYS[i].body);
    for (size_t cut = 0; cut <= len; cut++) {
      g_autofree char *body = exact_copy(PLAYS[i].body, cut);
      char text[GB_PLAY_TEXT_MAX];
      GbPlay play;
      bool is_read = gb_play_read(slice_of(body, cut), &play);
      if (is_read)
        assert_true(strlen(gb_play_format(&play, text)) < sizeof text);
      if (cut < len)
        continue;
      assert_int_equal(is_read, PLAYS[i].text != NULL);
      if (is_read)
        assert_string_equal(text, PLAYS[i].text);
    }
  }
}

static const struct {
  const char *hex, *text; /* NULL: not read */
  bool sum_is_right;
} PTZ[] = {
  {"A50F01029600004D", "left 150", true},
  {"A50F0100000000B5", "stop", true},
  {"a50f0109fafa00b2", "right 250, up 250", true},
  {"A50F0109FAFA00B3", "right 250, up 250", false},
  {"A50F01060A1400D9", "left 10, down 20", true},
  {"A50F010000002025", "stop", false},
  {"A50F011000007035", "zoom in 7", true},
  {"A50F0120000070E5", "zoom out 7", false},
  {"A50F010400FA00B3", "down 250", true},
  {"A50F0141FA0000F0", "focus far 250", true},
  {"A50F014800FA00F7", "iris close 250", true},
  {"A50F0140000000F5", "focus and iris stop", true},
  {"A50F018100030039", "preset set 3", true},
  {"A50F01820003003A", "preset call 3", true},
  {"A50F01830003003B", "preset delete 3", true},
  {"A50F01840102003C", "cruise 1 add preset 2", true},
  {"A50F01850100003B", "cruise 1 delete", true},
  {"A50F01850102003D", "cruise 1 delete preset 2", true},
  {"A50F018601021000", "cruise 1 speed 258", false},
  {"A50F01870105003F", "cruise 1 stay seconds 5", false},
  {"A50F01880100003E", "cruise 1 start", true},
  {"A50F01890100003F", "scan 1 start", true},
  {"A50F018901010040", "scan 1 left limit", true},
  {"A50F018901020041", "scan 1 right limit", true},
  {"A50F018901090048", "command 89 01 09", true},
  {"A50F018A01050045", "scan 1 speed 5", true},
  {"A50F018C01000042", "aux 1 on", true},
  {"A50F018D01000043", "aux 1 off", true},
  {"A50F01FF010203B8", "command FF 01 02", false},
  {"A40F01029600004D", NULL, false},
  {"A50F01029600004", NULL, false},
  {"A50F01029600004D00", NULL, false},
  {"A50F0102960000xD", NULL, false},
  {"", NULL, false},
};

static void test_ptz(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PTZ); i++) {
    size_t len = strlen(PTZ[i].hex);
    g_autofree char *hex = exact_copy(PTZ[i].hex, len);
    char text[GB_PTZ_TEXT_MAX];
    GbPtz ptz;

    bool is_read = gb_ptz_read(slice_of(hex, len), &ptz);
    assert_int_equal(is_read, PTZ[i].text != NULL);
    if (!is_read)
      continue;
    assert_string_equal(gb_ptz_format(&ptz, text), PTZ[i].text);
    if (ptz.sum_is_right != PTZ[i].sum_is_right)
      fail_msg("%s: %02X", PTZ[i].hex, ptz.sum);
  }
}

static void test_ids(void **state)
{
  static const struct {
    const char *id, *text;
    GbRole role;
  } IDS[] = {
    {"34020000002000000001", "SIP server, Anhui, public security, roads", GB_ROLE_PLATFORM},
    {"11010000491320000001", "IP camera, Beijing, information", GB_ROLE_DEVICE},
    {"31010000001310000001", "camera, Shanghai, public security, roads", GB_ROLE_CHANNEL},
    {"44010000991180000001", "NVR, Guangdong", GB_ROLE_DEVICE},
    {"99010000992160000001", "virtual organization", GB_ROLE_OTHER},
    {"99010000990010000001", "", GB_ROLE_OTHER},
    {"3402000000132000001", NULL, GB_ROLE_OTHER},
    {"340200000013200000011", NULL, GB_ROLE_OTHER},
    {"3402000000132000000x", NULL, GB_ROLE_OTHER},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(IDS); i++) {
    size_t len = strlen(IDS[i].id);
    g_autofree char *digits = exact_copy(IDS[i].id, len);
    char text[GB_ID_TEXT_MAX];
    GbId id;

    bool is_read = gb_id_read(slice_of(digits, len), &id);
    assert_int_equal(is_read, IDS[i].text != NULL);
    if (!is_read)
      continue;
    assert_string_equal(gb_id_format(&id, text), IDS[i].text);
    assert_int_equal(gb_id_role(&id), IDS[i].role);
  }
}

static void test_formats(void **state)
{
  static const char *const FORMATS[][2] = {
    {"v/2/6/25/2/2048a/1/8/1", "video H.264 1080P 25 fps VBR 2048 kbit/s; audio G.711 8 kHz"},
    {"v/0/0/0/0/0a/1/8/1", "audio G.711 8 kHz"},
    {"v/////a/1/8/1", "audio G.711 8 kHz"},
    {"v/2/5///a/1//1", "video H.264 720P; audio G.711 8 kHz"},
    {"v/5/6/25/1/4096a///", "video H.265 1080P 25 fps CBR 4096 kbit/s"},
    {"v/99/0/4294967296/0/0", ""},
    {"a/6", "audio AAC"},
    {"v/", ""},
    {"", ""},
    {"x", ""},
  };
  char text[GB_FORMAT_TEXT_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
    size_t len = strlen(FORMATS[i][0]);
    g_autofree char *f = exact_copy(FORMATS[i][0], len);
    assert_string_equal(gb_format_text(slice_of(f, len), text), FORMATS[i][1]);
  }
}

static void test_ssrc(void **state)
{
  bool is_record;
  uint32_t ssrc;
  Slice y = gb_sdp_ssrc(SLICE("v=0\r\ns=Play\r\nm=video 1 RTP/AVP 96\r\ny=1000010003 \r\nf=\r\n"));

  (void) state;
  assert_true(slice_eq(y, SLICE("1000010003")));
  assert_true(gb_ssrc_read(y, &ssrc, &is_record) && is_record);
  assert_int_equal(ssrc, 1000010003);
  assert_true(gb_ssrc_read(SLICE("0000010000"), &ssrc, &is_record) && !is_record);
  assert_false(gb_ssrc_read(SLICE("000010000"), &ssrc, &is_record));
  assert_false(gb_ssrc_read(SLICE("9999999999"), &ssrc, &is_record));
  assert_null(gb_sdp_ssrc(SLICE("v=0\r\n")).data);
}

static void test_subject(void **state)
{
  Slice channel;
  GbSubject s;

  (void) state;
  assert_true(
    gb_subject_read(SLICE("34020000001310000001:0000010000, 34020000002000000001:0"), &s));
  assert_true(slice_eq(s.sender, SLICE("34020000001310000001")));
  assert_true(slice_eq(s.sender_sequence, SLICE("0000010000")));
  assert_true(slice_eq(s.receiver, SLICE("34020000002000000001")));
  assert_true(slice_eq(s.receiver_sequence, SLICE("0")));
  assert_true(gb_subject_read(SLICE("34020000001310000001:0"), &s));
  assert_int_equal(s.receiver.len, 0);
  assert_false(gb_subject_read(SLICE("34020000001310000001"), &s));
  assert_false(gb_subject_read(SLICE("lunch: now?"), &s));
  assert_string_equal(gb_source_type(SLICE("34020000001310000001:2"), &channel),
                      "recorded on an alarm");
  assert_int_equal(channel.len, 20);
  assert_null(gb_source_type(SLICE("http://example.com:80"), &channel));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_plays),   cmocka_unit_test(test_ptz),  cmocka_unit_test(test_ids),
    cmocka_unit_test(test_formats), cmocka_unit_test(test_ssrc), cmocka_unit_test(test_subject),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
