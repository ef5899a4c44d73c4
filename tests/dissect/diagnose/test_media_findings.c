/* Findings of media: for each rule a call that has it, and calls that come close. */
#include "tests/test.h"

#include "dissect/diagnose/diagnosis.h"

#define MS INT64_C(1000000)

enum { HOLD_MS = 4000, BYE_MS = 8000, END_MS = 20000 };

typedef struct {
  Trace *trace;
  StoreSet *stores;
  uint32_t streams;
  unsigned cseq;
} Scene;

static Scene scene_new(void)
{
  Scene scene = {.trace = trace_new(&LIMITS_DEFAULT), .stores = store_set_new(), .cseq = 1};

  trace_follow_media(scene.trace, scene.stores);
  return scene;
}

static void scene_clear(Scene *scene)
{
  trace_free(scene->trace);
  store_set_free(scene->stores);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

static Endpoint at(const char *address, uint16_t port)
{
  Endpoint endpoint;

  assert_true(endpoint_parse(slice_from_string(address), port, &endpoint));
  return endpoint;
}

/* One message between A and B, which have the addresses 192.0.2.1 and 192.0.2.2. */
static void send(Scene *scene, int64_t ms, bool from_caller, const char *start, const char *method,
                 const char *sdp)
{
  static const char *const HOSTS[] = {"192.0.2.1", "192.0.2.2"};
  bool has_tag = strcmp(method, "INVITE") != 0 || scene->cseq > 1 || g_str_has_prefix(start, "SIP");
  g_autofree char *text = g_strdup_printf(
    "%s\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%u%s\r\nFrom: <sip:a@example.com>;tag=a\r\n"
    "To: <sip:b@example.com>%s\r\nCall-ID: c\r\nCSeq: %u %s\r\n%sContent-Length: %zu\r\n\r\n%s",
    start, HOSTS[0], scene->cseq, method, has_tag ? ";tag=b" : "", scene->cseq, method,
    sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
  Arrival arrival = {.raw = {.octets = slice_from_string(text), .transport = TRANSPORT_UDP}};

  arrival.raw.time_ns = ms * MS;
  arrival.raw.src = at(HOSTS[!from_caller], 5060);
  arrival.raw.dst = at(HOSTS[from_caller], 5060);
  arrival.raw.ref = byte_ref_make(STORE_NONE, 0);
  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(scene->trace, arrival.raw.time_ns, arrival.raw.time_ns);
  trace_add(scene->trace, &arrival);
}

#define SDP(address, more)                                                                         \
  "v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\n"                  \
  "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n" more
#define SDP_A SDP("192.0.2.1", "")
#define SDP_B SDP("192.0.2.2", "")

static void begin_call(Scene *scene, const char *offer, const char *answer)
{
  send(scene, 0, true, "INVITE sip:b@example.com SIP/2.0", "INVITE", offer);
  send(scene, 1000, false, "SIP/2.0 200 OK", "INVITE", answer);
  send(scene, 1010, true, "ACK sip:b@example.com SIP/2.0", "ACK", NULL);
}

static void reinvite(Scene *scene, int64_t ms, const char *offer, const char *answer)
{
  scene->cseq++;
  send(scene, ms, true, "INVITE sip:b@example.com SIP/2.0", "INVITE", offer);
  send(scene, ms + 10, false, "SIP/2.0 200 OK", "INVITE", answer);
}

static void end_call(Scene *scene)
{
  scene->cseq++;
  send(scene, BYE_MS - 10, true, "BYE sip:b@example.com SIP/2.0", "BYE", NULL);
  send(scene, BYE_MS, false, "SIP/2.0 200 OK", "BYE", NULL);
  trace_note_time(scene->trace, 0, END_MS * MS);
}

/* A stream of PCMU in packets of 20 ms that went well; changed by whoever adds it. */
static RtpStream stream_of(const char *src, const char *dst, int64_t first_ms, int64_t last_ms)
{
  RtpStream stream = {
    .src = at(src, 4000),
    .dst = at(dst, 4000),
    .first_ns = first_ms * MS,
    .last_ns = last_ms * MS,
    .timestamp_step = 160,
  };

  stream.packets = (uint64_t) (last_ms - first_ms) / 20 + 1;
  stream.first_seq = 1000;
  stream.highest_seq = stream.first_seq + stream.packets - 1;
  stream.payloads[0] = (RtpPayload){.packets = (uint32_t) stream.packets, .type = 0};
  stream.jitter_packets = (uint32_t) stream.packets;
  return stream;
}

static RtpStream forth(int64_t first_ms, int64_t last_ms)
{
  return stream_of("192.0.2.1", "192.0.2.2", first_ms, last_ms);
}

static RtpStream back(int64_t first_ms, int64_t last_ms)
{
  return stream_of("192.0.2.2", "192.0.2.1", first_ms, last_ms);
}

static void add(Scene *scene, RtpStream stream)
{
  g_autoptr(GPtrArray) changed = g_ptr_array_new();
  g_autoptr(GArray) gone = g_array_new(false, false, sizeof(uint32_t));
  const RtpNews news = {changed, gone};

  stream.number = ++scene->streams;
  stream.ssrc += stream.number;
  g_ptr_array_add(changed, g_memdup2(&stream, sizeof stream));
  trace_note_streams(scene->trace, &news);
}

static void add_both(Scene *scene)
{
  add(scene, forth(1100, BYE_MS));
  add(scene, back(1100, BYE_MS));
}

/* "name/severity name/severity" of the first call, "" without findings. */
static char *findings_of(const Scene *scene)
{
  g_autoptr(Diagnoser) diagnoser = diagnoser_new(scene->trace, scene->stores);
  GString *text = g_string_new(NULL);
  Diagnosis diagnosis;
  Arena arena;

  arena_init(&arena, 4096);
  diagnose_call(diagnoser, trace_call(scene->trace, 1), &arena, &diagnosis);
  for (size_t i = 0; i < diagnosis.findings.count; i++) {
    const Finding *finding = &diagnosis.findings.items[i];
    g_string_append_printf(text, "%s%s/%s", i > 0 ? " " : "", FINDINGS[finding->id].name,
                           finding_severity_name(finding->severity));
    assert_true(finding->message_count + finding->stream_count > 0);
    assert_int_equal(finding->weakened != NULL,
                     finding->severity != FINDINGS[finding->id].severity);
  }
  diagnosis_clear(&diagnosis);
  arena_clear(&arena);
  return g_string_free(text, FALSE);
}

#define assert_findings(scene, expected)                                                           \
  do {                                                                                             \
    g_autofree char *found_ = findings_of(scene);                                                  \
    assert_string_equal(found_, expected);                                                         \
  } while (0)

static void test_nothing_wrong(void **state)
{
  g_auto(Scene) scene = scene_new();

  (void) state;
  begin_call(&scene, SDP_A, SDP_B);
  add_both(&scene);
  end_call(&scene);
  assert_findings(&scene, "");
}

static void check_one_way(const char *offer, const char *answer, RtpStream stream,
                          const char *expected)
{
  g_auto(Scene) scene = scene_new();

  begin_call(&scene, offer, answer);
  add(&scene, stream);
  end_call(&scene);
  assert_findings(&scene, expected);
}

static void test_one_way(void **state)
{
  (void) state;
  check_one_way(SDP_A, SDP_B, forth(1100, BYE_MS), "one-way-audio/error");
  check_one_way(SDP_A, SDP_B, back(1100, BYE_MS), "one-way-audio/error");
  check_one_way(SDP_A, SDP_B, forth(1100, 3100), "one-way-audio/error");
  /* Too short; only before the answer; agreed. */
  check_one_way(SDP_A, SDP_B, forth(1100, 3099), "");
  check_one_way(SDP_A, SDP_B, back(100, 2999), "");
  check_one_way(SDP("192.0.2.1", "a=sendonly\r\n"), SDP("192.0.2.2", "a=recvonly\r\n"),
                forth(1100, BYE_MS), "");
  check_one_way(SDP("0.0.0.0", ""), SDP_B, forth(1100, BYE_MS), "");
  /* Nothing that the callee's media host sends was captured. */
  check_one_way(SDP_A, SDP("192.0.2.77", ""), stream_of("192.0.2.1", "192.0.2.77", 1100, BYE_MS),
                "one-way-audio/warning");
  /* ICE may have found other addresses. */
  check_one_way(SDP("192.0.2.1", "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n"),
                SDP("192.0.2.2", "a=candidate:1 1 UDP 1 192.0.2.2 4000 typ host\r\n"),
                forth(1100, BYE_MS), "one-way-audio/warning");
}

static void test_one_way_but_held(void **state)
{
  g_auto(Scene) scene = scene_new();

  (void) state;
  begin_call(&scene, SDP_A, SDP_B);
  add(&scene, forth(1100, HOLD_MS));
  reinvite(&scene, HOLD_MS, SDP("192.0.2.1", "a=inactive\r\n"), SDP("192.0.2.2", "a=inactive\r\n"));
  end_call(&scene);
  assert_findings(&scene, "");
}

/* What is missing is told by what was agreed when the stream was sent, not before or after. */
static void test_one_way_after_reinvite(void **state)
{
  g_auto(Scene) scene = scene_new();
  g_autoptr(Diagnoser) diagnoser = NULL;
  Diagnosis diagnosis;
  Arena arena;

  (void) state;
  begin_call(&scene, SDP("192.0.2.7", ""), SDP_B);
  reinvite(&scene, 1020, SDP_A, SDP_B);
  add(&scene, back(1100, HOLD_MS));
  reinvite(&scene, HOLD_MS + 100, SDP("192.0.2.7", ""), SDP_B);
  end_call(&scene);
  arena_init(&arena, 4096);
  diagnoser = diagnoser_new(scene.trace, scene.stores);
  diagnose_call(diagnoser, trace_call(scene.trace, 1), &arena, &diagnosis);
  const Finding *finding = &diagnosis.findings.items[0];
  assert_int_equal(finding->id, FINDING_ONE_WAY_AUDIO);
  assert_non_null(strstr(finding->text, "no stream back from 192.0.2.1:4000 to 192.0.2.2:4000"));
  assert_int_equal(finding->messages[0], 4);
  assert_int_equal(finding->messages[1], 5);
  diagnosis_clear(&diagnosis);
  arena_clear(&arena);
}

/* Before the answer a fax has taken over. */
static void test_one_way_but_t38(void **state)
{
  static const char FAX_A[] = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=image 4002 udptl t38\r\n";
  static const char FAX_B[] = "v=0\r\nc=IN IP4 192.0.2.2\r\nm=image 4002 udptl t38\r\n";
  g_auto(Scene) scene = scene_new();

  (void) state;
  begin_call(&scene, SDP_A, SDP_B);
  add(&scene, forth(1100, HOLD_MS));
  reinvite(&scene, HOLD_MS, FAX_A, FAX_B);
  end_call(&scene);
  assert_findings(&scene, "");
}

static void test_no_audio(void **state)
{
  const RtpStream near = stream_of("192.0.2.1", "192.0.2.99", 0, 9000);
  const RtpStream far = stream_of("198.51.100.1", "198.51.100.2", 0, 9000);

  (void) state;
  for (unsigned i = 0; i < 5; i++) {
    static const char *const EXPECTED[] = {
      "no-audio/error",   /* there is other RTP of the caller's host */
      "no-audio/warning", /* or of other hosts alone */
      "",                 /* the capture has no RTP at all */
      "",                 /* no audio was agreed */
      "",                 /* it was refused to send any */
    };
    g_auto(Scene) scene = scene_new();
    begin_call(&scene, i == 3 ? "v=0\r\nc=IN IP4 192.0.2.1\r\nm=image 4002 udptl t38\r\n" : SDP_A,
               i == 3   ? "v=0\r\nc=IN IP4 192.0.2.2\r\nm=image 4002 udptl t38\r\n"
               : i == 4 ? SDP("192.0.2.2", "a=inactive\r\n")
                        : SDP_B);
    RtpStream other = i == 1 ? far : near;
    other.src.port = 9;
    if (i != 2)
      add(&scene, other);
    end_call(&scene);
    assert_findings(&scene, EXPECTED[i]);
  }
}

/* The capture goes on for less than 2 s after the answer. */
static void test_no_audio_yet(void **state)
{
  g_auto(Scene) scene = scene_new();
  RtpStream other = stream_of("192.0.2.1", "192.0.2.99", 0, 9000);

  (void) state;
  other.src.port = 9;
  begin_call(&scene, SDP_A, SDP_B);
  add(&scene, other);
  trace_note_time(scene.trace, 0, 2999 * MS);
  assert_findings(&scene, "");
  trace_note_time(scene.trace, 0, 3000 * MS);
  assert_findings(&scene, "no-audio/error");
}

static void check_stream(RtpStream stream, const char *expected)
{
  g_auto(Scene) scene = scene_new();

  begin_call(&scene, SDP_A, SDP_B);
  add(&scene, stream);
  add(&scene, back(1100, BYE_MS));
  end_call(&scene);
  assert_findings(&scene, expected);
}

static RtpStream lossy(uint64_t packets, uint64_t lost)
{
  RtpStream stream = forth(1100, BYE_MS);

  stream.packets = packets - lost;
  stream.payloads[0].packets = (uint32_t) stream.packets;
  stream.highest_seq = stream.first_seq + packets - 1;
  return stream;
}

static void test_loss(void **state)
{
  (void) state;
  check_stream(lossy(500, 5), "rtp-loss/warning");
  check_stream(lossy(300, 4), ""); /* more than 1 %, but few */
  check_stream(lossy(501, 5), ""); /* less than 1 % */
}

static RtpStream jittery(double ms)
{
  RtpStream stream = forth(1100, BYE_MS);

  stream.jitter[0].sum_ms = ms * stream.jitter_packets;
  stream.jitter[0].max_ms = (float) ms;
  return stream;
}

static void test_jitter(void **state)
{
  (void) state;
  check_stream(jittery(30.5), "rtp-jitter/warning");
  check_stream(jittery(30), "");
}

static void test_late(void **state)
{
  g_auto(Scene) late = scene_new(), just = scene_new(), held = scene_new();

  (void) state;
  begin_call(&late, SDP_A, SDP_B);
  add(&late, forth(1501, BYE_MS));
  add(&late, back(1600, BYE_MS));
  end_call(&late);
  assert_findings(&late, "media-late/warning");
  begin_call(&just, SDP_A, SDP_B);
  add(&just, forth(1600, BYE_MS));
  add(&just, back(1500, BYE_MS));
  end_call(&just);
  assert_findings(&just, "");
  begin_call(&held, SDP("192.0.2.1", "a=inactive\r\n"), SDP("192.0.2.2", "a=inactive\r\n"));
  reinvite(&held, HOLD_MS, SDP_A, SDP_B);
  add(&held, forth(HOLD_MS, BYE_MS));
  add(&held, back(HOLD_MS, BYE_MS));
  end_call(&held);
  assert_findings(&held, "");
}

static void test_after_bye(void **state)
{
  (void) state;
  check_stream(forth(1100, BYE_MS + 1020), "media-after-bye/note");
  check_stream(forth(1100, BYE_MS + 1000), "");
}

static RtpStream with_payload(uint8_t type, RtpPayloadKind kind, uint32_t packets)
{
  RtpStream stream = forth(1100, BYE_MS);

  stream.payloads[1] = (RtpPayload){.packets = packets, .type = type, .kind = (uint8_t) kind};
  return stream;
}

static void test_unagreed(void **state)
{
  (void) state;
  check_stream(with_payload(8, RTP_MEDIA, 5), "codec-mismatch/warning");
  check_stream(with_payload(8, RTP_MEDIA, 4), ""); /* of the moment of a change */
  check_stream(with_payload(13, RTP_COMFORT_NOISE, 50), "");
  check_stream(with_payload(101, RTP_EVENTS, 10), "");
  check_stream(with_payload(96, RTP_EVENTS, 10), "dtmf-unagreed/note");
}

/* The receiver lists the codec, but the sender does not. */
static void test_chosen_by_one(void **state)
{
  g_auto(Scene) scene = scene_new(), later = scene_new();
  static const char BOTH[] = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 8\r\n";
  static const char ONE[] = "v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 4000 RTP/AVP 0\r\n";
  static const char OTHER[] = "v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 4000 RTP/AVP 8\r\n";
  RtpStream stream = back(1100, BYE_MS);

  (void) state;
  stream.payloads[0].type = 8;
  begin_call(&scene, BOTH, ONE);
  add(&scene, forth(1100, BYE_MS));
  add(&scene, stream);
  end_call(&scene);
  assert_findings(&scene, "codec-mismatch/warning");
  /* Later offers count as well. */
  begin_call(&later, BOTH, ONE);
  reinvite(&later, HOLD_MS, BOTH, OTHER);
  add(&later, forth(1100, BYE_MS));
  add(&later, stream);
  end_call(&later);
  assert_findings(&later, "");
}

static void check_ptime(const char *answer, uint32_t step, int64_t silence_ms, const char *expected)
{
  g_auto(Scene) scene = scene_new();
  RtpStream stream = forth(1100, BYE_MS);

  stream.timestamp_step = step;
  stream.silence_ns = silence_ms * MS;
  begin_call(&scene, SDP_A, answer);
  add(&scene, stream);
  add(&scene, back(1100, BYE_MS));
  end_call(&scene);
  assert_findings(&scene, expected);
}

static void test_ptime(void **state)
{
  (void) state;
  check_ptime(SDP("192.0.2.2", "a=ptime:30\r\n"), 160, 0, "ptime-mismatch/note");
  check_ptime(SDP("192.0.2.2", "a=ptime:20\r\n"), 160, 0, "");
  check_ptime(SDP_B, 160, 0, "");
  /* The last two packets were farther apart than all others: a silence. */
  check_ptime(SDP("192.0.2.2", "a=ptime:20\r\n"), 1280, 0, "");
}

static void check_ssrc(int64_t next_ms, bool renegotiated, const char *expected)
{
  g_auto(Scene) scene = scene_new();

  begin_call(&scene, SDP_A, SDP_B);
  add(&scene, back(1100, BYE_MS));
  add(&scene, forth(1100, HOLD_MS));
  if (renegotiated)
    reinvite(&scene, HOLD_MS, SDP_A, SDP("192.0.2.2", "a=ptime:20\r\n"));
  add(&scene, forth(next_ms, BYE_MS));
  end_call(&scene);
  assert_findings(&scene, expected);
}

static void test_ssrc(void **state)
{
  (void) state;
  check_ssrc(HOLD_MS + 20, false, "ssrc-changed/note");
  check_ssrc(HOLD_MS + 20, true, "");
  check_ssrc(HOLD_MS - 20, false, ""); /* two sources at the same time */
}

/* What the capture has lost weakens what is said. */
static void test_dropped_packets(void **state)
{
  g_auto(Scene) scene = scene_new();

  (void) state;
  begin_call(&scene, SDP_A, SDP_B);
  add(&scene, lossy(500, 50));
  add(&scene, back(1100, BYE_MS));
  end_call(&scene);
  trace_note_losses(scene.trace, 0, 0, 1);
  assert_findings(&scene, "rtp-loss/note");
}

/* Each finding has a name and help, and no two have the same. */
static void test_table(void **state)
{
  (void) state;
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    assert_true(FINDINGS[i].help[0] != '\0' && FINDINGS[i].section[0] != '\0');
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(FINDINGS[i].name, FINDINGS[j].name);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_wrong),
    cmocka_unit_test(test_one_way),
    cmocka_unit_test(test_one_way_but_held),
    cmocka_unit_test(test_one_way_after_reinvite),
    cmocka_unit_test(test_one_way_but_t38),
    cmocka_unit_test(test_no_audio),
    cmocka_unit_test(test_no_audio_yet),
    cmocka_unit_test(test_loss),
    cmocka_unit_test(test_jitter),
    cmocka_unit_test(test_late),
    cmocka_unit_test(test_after_bye),
    cmocka_unit_test(test_unagreed),
    cmocka_unit_test(test_chosen_by_one),
    cmocka_unit_test(test_ptime),
    cmocka_unit_test(test_ssrc),
    cmocka_unit_test(test_dropped_packets),
    cmocka_unit_test(test_table),
  };

  return cmocka_run_group_tests_name("media_findings", tests, NULL, NULL);
}
