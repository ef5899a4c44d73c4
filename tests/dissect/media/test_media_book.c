/* MediaBook: offers and answers as they are captured, then the question whose a stream is. */
#include "tests/test.h"

#include "dissect/media/media_book.h"

#define SECOND INT64_C(1000000000)

enum { A = 1, B, P }; /* ids of signalling endpoints */

/* One message after the other; what is 0 stays as it was in the one before. */
typedef struct {
  MediaBook *book;
  MediaMessage last;
} Scene;

static Scene scene_new(void)
{
  return (Scene){.book = media_book_new()};
}

static void note(Scene *scene, MediaMessage message, const char *sdp)
{
  MediaMessage *last = &scene->last;

  message.call = message.call ? message.call : MAX(last->call, 1);
  message.message = last->message + 1;
  message.time_ns = message.time_ns ? message.time_ns : last->time_ns + SECOND / 10;
  message.sdp = sdp ? exact_slice(slice_from_string(sdp)) : SLICE_NONE;
  media_book_note(scene->book, &message);
  g_free((void *) (uintptr_t) message.sdp.data);
  *last = message;
}

#define REQUEST(name, from, to, ...)                                                               \
  ((MediaMessage){.method = SIP_METHOD_##name, .src = from, .dst = to, __VA_ARGS__})
#define RESPONSE(code, name, from, to, ...)                                                        \
  ((MediaMessage){.method = SIP_METHOD_##name, .status = code, .src = from, .dst = to, __VA_ARGS__})

#define AUDIO(address, port, more)                                                                 \
  "v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\nm=audio " #port    \
  " RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n" more

static Endpoint at(const char *address, uint16_t port)
{
  Endpoint endpoint;

  assert_true(endpoint_parse(slice_from_string(address), port, &endpoint));
  return endpoint;
}

typedef struct {
  const char *src;
  uint16_t src_port;
  const char *dst;
  uint16_t dst_port;
  int64_t first, last; /* tenths of a second */
  uint32_t ssrc;
  uint8_t payload_type;
  bool is_tcp;
} Stream;

static MediaFlow flow_of(Stream stream)
{
  return (MediaFlow){
    .src = at(stream.src, stream.src_port),
    .dst = at(stream.dst, stream.dst_port),
    .ssrc = stream.ssrc,
    .has_ssrc = true,
    .payload_type = stream.payload_type,
    .is_tcp = stream.is_tcp,
    .first_ns = stream.first * SECOND / 10,
    .last_ns = stream.last * SECOND / 10,
  };
}

static size_t owners(const Scene *scene, Stream stream, MediaOwner ret[MEDIA_OWNERS_MAX])
{
  MediaFlow flow = flow_of(stream);

  return media_book_owners(scene->book, &flow, ret);
}

/* The call that owns it, 0: none. */
static uint32_t owner(const Scene *scene, Stream stream)
{
  MediaOwner found[MEDIA_OWNERS_MAX];

  return owners(scene, stream, found) > 0 ? found[0].call : 0;
}

/* A calls B, who answers: messages 1 to 2. */
static void answered_call(Scene *scene)
{
  note(scene, REQUEST(INVITE, A, B, .transaction = 1), AUDIO("10.0.0.1", 4000, ""));
  note(scene, RESPONSE(200, INVITE, B, A, .transaction = 1, .dialog = 1),
       AUDIO("10.0.0.2", 5000, ""));
}

static void test_answered(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];

  (void) state;
  answered_call(&scene);
  const MediaLeg *leg = media_book_call(scene.book, 1)->legs;
  assert_true(leg->is_confirmed);
  assert_int_equal(leg->agreed[MEDIA_CALLER]->message, 1);
  assert_int_equal(leg->agreed[MEDIA_CALLEE]->message, 2);
  assert_null(leg->next);

  assert_int_equal(owners(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 3, 50}, found), 1);
  assert_int_equal(found[0].call, 1);
  assert_int_equal(found[0].to, MEDIA_CALLEE);
  assert_int_equal(found[0].by, MEDIA_OWNED_BY_DESTINATION);
  assert_int_equal(found[0].line->rtp.port, 5000);
  assert_int_equal(found[0].from_line->rtp.port, 4000);
  assert_string_equal(media_line_payload(found[0].line, 8)->name, "PCMA");
  assert_true(media_may_flow(found[0].from_line, found[0].line));

  /* RTCP has the next port; other ports and addresses are nobody's. */
  assert_int_equal(owners(&scene, (Stream){"10.0.0.1", 4001, "10.0.0.2", 5001, 3, 50}, found), 1);
  assert_true(found[0].is_rtcp);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.1", 4002, "10.0.0.2", 5002, 3, 50}), 0);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.3", 4000, "10.0.0.4", 5000, 3, 50}), 0);
  media_book_free(scene.book);
}

/* A book of one call costs the same whatever its number: each call that is explained has one. */
static void test_any_number(void **state)
{
  Scene scene = scene_new();

  (void) state;
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1, .call = UINT32_MAX),
       AUDIO("10.0.0.1", 4000, ""));
  assert_int_equal(media_book_call(scene.book, UINT32_MAX)->description_count, 1);
  assert_null(media_book_call(scene.book, 1));
  assert_null(media_book_call(scene.book, 0));
  media_book_forget(scene.book, UINT32_MAX);
  assert_null(media_book_call(scene.book, UINT32_MAX));
  media_book_free(scene.book);
}

/* Media that flow before the call's first description are not its own, but those that go on are. */
static void test_before(void **state)
{
  Scene scene = scene_new();

  (void) state;
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1, .time_ns = 10 * SECOND),
       AUDIO("10.0.0.1", 4000, ""));
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 5000, "10.0.0.1", 4000, 20, 98}), 0);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 5000, "10.0.0.1", 4000, 20, 101}), 1);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 5000, "10.0.0.1", 4000, 100, 120}), 1);
  media_book_free(scene.book);
}

/* B sees A behind NAT: by destination, by source, then by what was learned. */
static void test_nat(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];
  const Stream inwards = {"203.0.113.9", 61000, "10.0.0.2", 5000, 3, 50};

  (void) state;
  answered_call(&scene);
  assert_int_equal(owners(&scene, (Stream){"10.0.0.2", 5000, "203.0.113.9", 61000, 3, 50}, found),
                   1);
  assert_int_equal(found[0].by, MEDIA_OWNED_BY_SOURCE);
  assert_int_equal(found[0].to, MEDIA_CALLER);
  assert_int_equal(found[0].line->rtp.port, 4000);

  const Stream elsewhere = {"10.0.0.77", 999, "203.0.113.9", 61000, 3, 50};
  assert_int_equal(owner(&scene, elsewhere), 0);
  assert_int_equal(owners(&scene, inwards, found), 1);
  MediaFlow flow = flow_of(inwards);
  media_book_learn(scene.book, &flow, &found[0]);
  assert_int_equal(owners(&scene, elsewhere, found), 1);
  assert_int_equal(found[0].to, MEDIA_CALLER);

  /* What was learned is given up with the call. */
  media_book_forget(scene.book, 1);
  assert_int_equal(owner(&scene, elsewhere), 0);
  assert_int_equal(owner(&scene, inwards), 0);
  media_book_free(scene.book);
}

/* No more than eight sources are learned, whoever sends to the port. */
#define AUDIO_TCP(address, port, setup)                                                            \
  "v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\nm=audio " #port    \
  " TCP/RTP/AVP 0\r\na=setup:" setup "\r\n"

/* RFC 4145: A opens the connection, from a port that no description names. */
static void test_tcp(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];
  const Stream there = {"10.0.0.1", 49170, "10.0.0.2", 5000, 3, 50, .is_tcp = true};
  const Stream back = {"10.0.0.2", 5000, "10.0.0.1", 49170, 3, 50, .is_tcp = true};

  (void) state;
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1), AUDIO_TCP("10.0.0.1", 4000, "active"));
  note(&scene, RESPONSE(200, INVITE, B, A, .transaction = 1, .dialog = 1),
       AUDIO_TCP("10.0.0.2", 5000, "passive"));
  assert_int_equal(owners(&scene, back, found), 1);
  assert_int_equal(found[0].by, MEDIA_OWNED_BY_SOURCE);
  assert_int_equal(found[0].to, MEDIA_CALLER);
  assert_int_equal(owners(&scene, there, found), 1);
  assert_int_equal(found[0].by, MEDIA_OWNED_BY_DESTINATION);
  assert_int_equal(found[0].to, MEDIA_CALLEE);
  assert_true(found[0].from_line->opens);

  MediaFlow flow = flow_of(there);
  media_book_learn(scene.book, &flow, &found[0]);
  assert_int_equal(owners(&scene, back, found), 1);
  assert_int_equal(found[0].by, MEDIA_OWNED_BY_DESTINATION);
  assert_int_equal(found[0].to, MEDIA_CALLER);

  /* Ports of UDP are others; and what A wrote as its port is nobody's. */
  Stream datagrams = there;
  datagrams.is_tcp = false;
  assert_int_equal(owner(&scene, datagrams), 0);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.3", 1, "10.0.0.1", 4000, 3, 50}), 0);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.3", 1, "10.0.0.1", 4000, 3, 50, .is_tcp = true}),
                   0);
  media_book_free(scene.book);

  scene = scene_new();
  answered_call(&scene);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 3, 50}), 1);
  assert_int_equal(owner(&scene, there), 0);
  media_book_free(scene.book);
}

static void test_learning_is_bounded(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];
  unsigned known = 0;

  (void) state;
  answered_call(&scene);
  for (uint16_t i = 0; i < 100; i++) {
    const Stream stream = {"203.0.113.9", (uint16_t) (20000 + i), "10.0.0.2", 5000, 3, 50};
    MediaFlow flow = flow_of(stream);
    assert_int_equal(owners(&scene, stream, found), 1);
    media_book_learn(scene.book, &flow, &found[0]);
  }
  for (uint16_t i = 0; i < 100; i++)
    known +=
      owner(&scene, (Stream){"10.0.0.9", 9, "203.0.113.9", (uint16_t) (20000 + i), 3, 50}) == 1;
  assert_int_equal(known, 8);
  media_book_free(scene.book);
}

/* RFC 3264 5.1, RFC 3262 5, RFC 3311: offers and answers in other messages than INVITE and 200. */
static void test_other_exchanges(void **state)
{
  Scene scene = scene_new();
  const MediaLeg *leg;

  (void) state;
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1), NULL);
  note(&scene, RESPONSE(183, INVITE, B, A, .transaction = 1, .dialog = 1),
       AUDIO("10.0.0.2", 5000, ""));
  leg = media_book_call(scene.book, 1)->legs;
  assert_null(leg->agreed[MEDIA_CALLEE]);
  note(&scene, REQUEST(PRACK, A, B, .transaction = 2, .dialog = 1), AUDIO("10.0.0.1", 4000, ""));
  assert_int_equal(leg->agreed[MEDIA_CALLEE]->message, 2);
  assert_int_equal(leg->agreed[MEDIA_CALLER]->message, 3);
  note(&scene, REQUEST(UPDATE, A, B, .transaction = 3, .dialog = 1), AUDIO("10.0.0.1", 4002, ""));
  assert_int_equal(leg->agreed[MEDIA_CALLER]->message, 3);
  note(&scene, RESPONSE(200, UPDATE, B, A, .transaction = 3, .dialog = 1),
       AUDIO("10.0.0.2", 5002, ""));
  assert_int_equal(leg->agreed[MEDIA_CALLER]->message, 4);
  assert_int_equal(leg->agreed[MEDIA_CALLEE]->message, 5);
  assert_false(leg->is_confirmed);
  note(&scene, RESPONSE(200, INVITE, B, A, .transaction = 1, .dialog = 1), NULL);
  assert_true(leg->is_confirmed);
  /* A re-INVITE without an offer: the 200 has one, which the ACK answers. */
  note(&scene, REQUEST(INVITE, A, B, .transaction = 4, .dialog = 1), NULL);
  note(&scene, RESPONSE(200, INVITE, B, A, .transaction = 4, .dialog = 1),
       AUDIO("10.0.0.2", 5004, ""));
  note(&scene, REQUEST(ACK, A, B, .transaction = 5, .dialog = 1), AUDIO("10.0.0.1", 4004, ""));
  assert_int_equal(leg->agreed[MEDIA_CALLEE]->sdp->lines[0].rtp.port, 5004);
  assert_int_equal(leg->agreed[MEDIA_CALLER]->sdp->lines[0].rtp.port, 4004);
  assert_null(leg->next);
  assert_int_equal(media_book_call(scene.book, 1)->exchanges->len, 3);
  media_book_free(scene.book);
}

/* A refused re-INVITE leaves the session as it was; one that is answered changes it. */
static void test_reinvite(void **state)
{
  Scene scene = scene_new();

  (void) state;
  answered_call(&scene);
  const MediaCall *call = media_book_call(scene.book, 1);
  const MediaLeg *leg = call->legs;
  note(&scene, REQUEST(INVITE, B, A, .transaction = 2, .dialog = 1),
       AUDIO("10.0.0.2", 5002, "a=inactive\r\n"));
  note(&scene, RESPONSE(488, INVITE, A, B, .transaction = 2, .dialog = 1), NULL);
  assert_int_equal(leg->agreed[MEDIA_CALLEE]->message, 2);
  assert_true(g_array_index(call->exchanges, MediaExchange, 1).refused);
  assert_int_equal(leg->ended_ns, INT64_MAX);

  note(&scene, REQUEST(INVITE, B, A, .transaction = 3, .dialog = 1),
       AUDIO("10.0.0.2", 5000, "a=sendonly\r\n"));
  note(&scene, RESPONSE(200, INVITE, A, B, .transaction = 3, .dialog = 1),
       AUDIO("10.0.0.1", 4000, "a=recvonly\r\n"));
  const MediaLine *a = &leg->agreed[MEDIA_CALLER]->sdp->lines[0];
  const MediaLine *b = &leg->agreed[MEDIA_CALLEE]->sdp->lines[0];
  assert_false(media_may_flow(a, b));
  assert_true(media_may_flow(b, a));

  /* RFC 2543: on hold with the address 0.0.0.0. */
  note(&scene, REQUEST(INVITE, B, A, .transaction = 4, .dialog = 1), AUDIO("0.0.0.0", 5000, ""));
  note(&scene, RESPONSE(200, INVITE, A, B, .transaction = 4, .dialog = 1),
       AUDIO("10.0.0.1", 4000, ""));
  b = &leg->agreed[MEDIA_CALLEE]->sdp->lines[0];
  assert_true(b->on_hold);
  assert_false(media_may_flow(a, b));
  media_book_free(scene.book);
}

/* Challenged, and tried again: one leg, in force until the second one fails. */
static void test_failure(void **state)
{
  Scene scene = scene_new();

  (void) state;
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1), AUDIO("10.0.0.1", 4000, ""));
  note(&scene, RESPONSE(407, INVITE, B, A, .transaction = 1), NULL);
  note(&scene, REQUEST(INVITE, A, B, .transaction = 2), AUDIO("10.0.0.1", 4000, ""));
  const MediaCall *call = media_book_call(scene.book, 1);
  assert_int_equal(call->leg_count, 1);
  assert_int_equal(call->description_count, 1);
  assert_int_equal(call->legs->ended_ns, INT64_MAX);
  note(&scene, RESPONSE(183, INVITE, B, A, .transaction = 2, .dialog = 1),
       AUDIO("10.0.0.2", 5000, ""));
  note(&scene, RESPONSE(486, INVITE, B, A, .transaction = 2), NULL);
  assert_int_equal(call->legs->ended_ns, SECOND / 2);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 5000, "10.0.0.1", 4000, 4, 9}), 1);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 5000, "10.0.0.1", 4000, 330, 400}), 0);
  media_book_free(scene.book);
}

/* Two callees answer the INVITE with 183, one with 200. */
static void test_forks(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];

  (void) state;
  note(&scene, REQUEST(INVITE, A, P, .transaction = 1), AUDIO("10.0.0.1", 4000, ""));
  note(&scene, RESPONSE(183, INVITE, P, A, .transaction = 1, .dialog = 1),
       AUDIO("10.0.0.2", 5000, ""));
  note(&scene, RESPONSE(183, INVITE, P, A, .transaction = 1, .dialog = 2),
       AUDIO("10.0.0.3", 6000, ""));
  note(&scene, RESPONSE(200, INVITE, P, A, .transaction = 1, .dialog = 2),
       AUDIO("10.0.0.3", 6000, ""));
  const MediaCall *call = media_book_call(scene.book, 1);
  assert_int_equal(call->leg_count, 2);
  assert_int_equal(call->description_count, 3);
  assert_false(call->legs->is_confirmed);
  assert_true(call->legs->next->is_confirmed);
  assert_int_equal(call->legs->next->agreed[MEDIA_CALLEE]->message, 3);
  assert_int_equal(owners(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.3", 6000, 4, 50}, found), 1);
  assert_int_equal(found[0].from_line->rtp.port, 4000);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 5000, "10.0.0.1", 4000, 3, 5}), 1);
  media_book_free(scene.book);
}

/* A proxy that passes descriptions on: two hops, the same two descriptions. */
static void test_proxy(void **state)
{
  Scene scene = scene_new();

  (void) state;
  note(&scene, REQUEST(INVITE, A, P, .transaction = 1), AUDIO("10.0.0.1", 4000, ""));
  note(&scene, REQUEST(INVITE, P, B, .transaction = 2), AUDIO("10.0.0.1", 4000, ""));
  note(&scene, RESPONSE(200, INVITE, B, P, .transaction = 2, .dialog = 1),
       AUDIO("10.0.0.2", 5000, ""));
  note(&scene, RESPONSE(200, INVITE, P, A, .transaction = 1, .dialog = 1),
       AUDIO("10.0.0.2", 5000, ""));
  const MediaCall *call = media_book_call(scene.book, 1);
  assert_int_equal(call->leg_count, 2);
  assert_int_equal(call->description_count, 2);
  /* The proxy does not record itself: a re-INVITE goes straight from B to A. */
  note(&scene, REQUEST(INVITE, B, A, .transaction = 3, .dialog = 1), AUDIO("10.0.0.2", 5002, ""));
  note(&scene, RESPONSE(200, INVITE, A, B, .transaction = 3, .dialog = 1),
       AUDIO("10.0.0.1", 4002, ""));
  for (const MediaLeg *leg = call->legs; leg; leg = leg->next) {
    assert_int_equal(leg->agreed[MEDIA_CALLER]->sdp->lines[0].rtp.port, 4002);
    assert_int_equal(leg->agreed[MEDIA_CALLEE]->sdp->lines[0].rtp.port, 5002);
  }
  note(&scene, REQUEST(BYE, B, A, .transaction = 4, .dialog = 1), NULL);
  for (const MediaLeg *leg = call->legs; leg; leg = leg->next)
    assert_int_equal(leg->ended_ns, scene.last.time_ns);
  media_book_free(scene.book);
}

/* A B2BUA that passes descriptions on: the stream belongs to both calls. */
static void test_shared(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];

  (void) state;
  for (uint32_t call = 1; call <= 2; call++)
    note(&scene, REQUEST(INVITE, A, P, .call = call, .transaction = call),
         AUDIO("10.0.0.1", 4000, ""));
  for (uint32_t call = 1; call <= 2; call++)
    note(&scene, RESPONSE(200, INVITE, P, A, .call = call, .transaction = call, .dialog = call),
         AUDIO("10.0.0.2", 5000, ""));
  assert_int_equal(owners(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 6, 50}, found), 2);
  assert_int_equal(found[0].call, 2);
  assert_int_equal(found[1].call, 1);
  media_book_free(scene.book);
}

/* The port's next call owns what begins after its own description. */
static void test_port_reuse(void **state)
{
  Scene scene = scene_new();

  (void) state;
  answered_call(&scene);
  note(&scene, REQUEST(BYE, A, B, .transaction = 2, .dialog = 1, .time_ns = 10 * SECOND), NULL);
  note(&scene, REQUEST(INVITE, P, B, .call = 2, .transaction = 3, .time_ns = 20 * SECOND),
       AUDIO("10.0.0.9", 7000, ""));
  note(&scene, RESPONSE(200, INVITE, B, P, .call = 2, .transaction = 3, .dialog = 2),
       AUDIO("10.0.0.2", 5000, ""));
  assert_int_equal(owner(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 3, 99}), 1);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 110, 180}), 1);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.9", 7000, "10.0.0.2", 5000, 202, 300}), 2);
  /* Still in flight from the first one, which has ended not long ago. */
  assert_int_equal(owner(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 202, 210}), 1);
  /* What nobody announced, long after. */
  assert_int_equal(owner(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.1", 4000, 5000, 5010}), 0);
  media_book_free(scene.book);
}

/* Ports, muxed RTCP, a=rtcp, candidates, bundled lines, SSRCs. */
static void test_places(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];

  (void) state;
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1),
       "v=0\r\nc=IN IP6 2001:db8::1\r\na=group:BUNDLE a v\r\n"
       "m=audio 4000 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-mux\r\n"
       "a=candidate:1 1 UDP 2130706431 192.0.2.1 41000 typ host\r\n"
       "a=candidate:1 1 TCP 2130706431 192.0.2.1 42000 typ host\r\n"
       "a=ssrc:305419896 cname:x\r\na=ssrc:305419896 msid:y z\r\n"
       "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\na=rtpmap:96 VP8/90000\r\n"
       "m=audio 6000/2 RTP/AVP 0\r\nc=IN IP4 192.0.2.3\r\na=rtcp:6100 IN IP4 192.0.2.4\r\n"
       "y=0100000001\r\n");
  const Stream audio = {"192.0.2.9", 9, "2001:db8::1", 4000, 2, 9, .payload_type = 111};
  Stream video = audio;
  video.payload_type = 96;
  assert_int_equal(owners(&scene, audio, found), 1);
  assert_int_equal(found[0].line->kind, MEDIA_AUDIO);
  assert_true(found[0].line->is_srtp);
  assert_int_equal(owners(&scene, video, found), 1);
  assert_int_equal(found[0].line->kind, MEDIA_VIDEO);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "2001:db8::1", 4001, 2, 9}), 0);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "192.0.2.1", 41000, 2, 9}), 1);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "192.0.2.1", 42000, 2, 9}), 0);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "192.0.2.3", 6002, 2, 9}), 1);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "192.0.2.3", 6001, 2, 9}), 0);
  assert_int_equal(owners(&scene, (Stream){"192.0.2.9", 9, "192.0.2.4", 6100, 2, 9}, found), 1);
  assert_true(found[0].is_rtcp);
  /* From and to where nobody announced, but its SSRC was. */
  assert_int_equal(owners(&scene, (Stream){"192.0.2.9", 9, "192.0.2.8", 9, 2, 9, 305419896}, found),
                   1);
  assert_int_equal(found[0].by, MEDIA_OWNED_BY_SSRC);
  assert_int_equal(found[0].to, MEDIA_CALLEE);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "192.0.2.8", 9, 2, 9, 100000001}), 1);
  assert_int_equal(owner(&scene, (Stream){"192.0.2.9", 9, "192.0.2.8", 9, 2, 9, 100000002}), 0);
  media_book_free(scene.book);
}

/* One description of 10^5 lines: what is beyond the limit is counted. */
static void test_many_lines(void **state)
{
  enum { LINES = 100 * 1000 };
  Scene scene = scene_new();
  g_autoptr(GString) sdp = g_string_new("v=0\r\nc=IN IP4 10.0.0.1\r\n");

  (void) state;
  for (unsigned i = 0; i < LINES; i++)
    g_string_append_printf(sdp, "m=audio %u RTP/AVP 0\r\n", 1024 + i % 60000);
  note(&scene, REQUEST(INVITE, A, B, .transaction = 1), sdp->str);
  assert_int_equal(media_book_skipped(scene.book), LINES - MEDIA_LINES_MAX);
  assert_int_equal(media_book_call(scene.book, 1)->skipped, LINES - MEDIA_LINES_MAX);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 1, "10.0.0.1", 1024 + 254, 2, 9}), 1);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 1, "10.0.0.1", 1024 + 270, 2, 9}), 0);
  media_book_free(scene.book);
}

/* One call that offers something else again and again: the newest stay. */
static void test_many_offers(void **state)
{
  Scene scene = scene_new();

  (void) state;
  answered_call(&scene);
  const MediaCall *call = media_book_call(scene.book, 1);
  for (unsigned i = 0; i < 1000; i++) {
    g_autofree char *offer =
      g_strdup_printf("v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio %u RTP/AVP 0\r\n", 10000 + i);
    g_autofree char *answer =
      g_strdup_printf("v=0\r\nc=IN IP4 10.0.0.2\r\nm=audio %u RTP/AVP 0\r\n", 20000 + i);
    note(&scene, REQUEST(INVITE, A, B, .transaction = 2 + i, .dialog = 1), offer);
    note(&scene, RESPONSE(200, INVITE, B, A, .transaction = 2 + i, .dialog = 1), answer);
    assert_true(call->description_count <= MEDIA_DESCRIPTIONS_MAX);
    assert_true(call->exchanges->len <= MEDIA_EXCHANGES_MAX);
  }
  assert_int_equal(call->legs->agreed[MEDIA_CALLER]->sdp->lines[0].rtp.port, 10999);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 20999, "10.0.0.1", 10999, 3000, 3001}), 1);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.3", 1, "10.0.0.1", 10000, 3000, 3001}), 0);
  media_book_free(scene.book);
}

/* Hops without end: legs are bounded. */
static void test_many_legs(void **state)
{
  Scene scene = scene_new();

  (void) state;
  for (uint32_t i = 0; i < 1000; i++)
    note(&scene, REQUEST(INVITE, 10 + i, 11 + i, .transaction = 1 + i),
         AUDIO("10.0.0.1", 4000, ""));
  assert_int_equal(media_book_call(scene.book, 1)->leg_count, MEDIA_LEGS_MAX);
  assert_int_equal(media_book_skipped(scene.book), 1000 - MEDIA_LEGS_MAX);
  media_book_free(scene.book);
}

/* One port that 10^5 calls use one after the other, none of which ends. */
static void test_shared_port(void **state)
{
  enum { CALLS = 100 * 1000 };
  Scene scene = scene_new();

  (void) state;
  for (uint32_t call = 1; call <= CALLS; call++)
    note(&scene, REQUEST(INVITE, A, B, .call = call, .transaction = call, .time_ns = call * SECOND),
         AUDIO("10.0.0.1", 4000, ""));
  for (uint32_t call = 1; call <= CALLS; call++) {
    const Stream stream = {"10.0.0.2", 5000, "10.0.0.1", 4000, call * 10 + 3, call * 10 + 5};
    assert_int_equal(owner(&scene, stream), call);
  }
  for (uint32_t call = 1; call < CALLS; call++)
    media_book_forget(scene.book, call);
  assert_int_equal(owner(&scene, (Stream){"10.0.0.2", 1, "10.0.0.1", 4000, 13, 15}), 0);
  assert_int_equal(
    owner(&scene, (Stream){"10.0.0.2", 1, "10.0.0.1", 4000, CALLS * 10 + 3, CALLS * 10 + 5}),
    CALLS);
  media_book_free(scene.book);
}

/* One call after the other offers the port; those of the first ones have their RTCP elsewhere. */
static void offer_port(Scene *scene, uint32_t call, int64_t second, bool is_usual)
{
  note(scene, REQUEST(INVITE, A, B, .call = call, .transaction = call, .time_ns = second * SECOND),
       is_usual ? AUDIO("10.0.0.1", 4000, "") : AUDIO("10.0.0.1", 4000, "a=rtcp:9999\r\n"));
}

/* Of the claims of an endpoint the 16 newest are looked at, and the 16 that come next. */
static void test_claims_are_bounded(void **state)
{
  enum { CLAIMS_BACK = 16 };

  (void) state;
  for (uint32_t others = CLAIMS_BACK - 1; others <= CLAIMS_BACK; others++) {
    Scene before = scene_new(), after = scene_new();
    uint32_t found = others < CLAIMS_BACK ? 1 : 0;

    offer_port(&before, 1, 10, true);
    for (uint32_t n = 1; n <= others; n++) {
      offer_port(&before, 1 + n, 11, false);
      offer_port(&after, 1 + n, 11, false);
    }
    offer_port(&after, 1, 12, true);
    assert_int_equal(owner(&before, (Stream){"10.0.0.2", 9, "10.0.0.1", 4001, 150, 160}), found);
    assert_int_equal(owner(&after, (Stream){"10.0.0.2", 9, "10.0.0.1", 4001, 50, 160}), found);
    media_book_free(before.book);
    media_book_free(after.book);
  }
}

/* The same of the source, by which owners are told apart and learned. */
static void test_sources_are_bounded(void **state)
{
  enum { CLAIMS_BACK = 16 };
  const Stream stream = {"10.0.0.2", 5000, "10.0.0.1", 4000, 50, 60};

  (void) state;
  for (uint32_t others = CLAIMS_BACK - 1; others <= CLAIMS_BACK; others++) {
    Scene scene = scene_new();
    MediaOwner found[MEDIA_OWNERS_MAX];
    bool is_found = others < CLAIMS_BACK;

    answered_call(&scene);
    note(&scene, REQUEST(INVITE, A, B, .call = 2, .transaction = 2), AUDIO("10.0.0.1", 4000, ""));
    for (uint32_t n = 1; n <= others; n++)
      note(&scene, REQUEST(INVITE, B, P, .call = 2 + n, .transaction = 2 + n),
           AUDIO("10.0.0.2", 5000, ""));
    assert_int_equal(owners(&scene, stream, found), 2);
    assert_int_equal(found[0].call, is_found ? 1 : 2);
    MediaOwner *owner = found[0].call == 1 ? &found[0] : &found[1];
    MediaFlow flow = flow_of(stream);
    media_book_learn(scene.book, &flow, owner);
    assert_int_equal(media_book_call(scene.book, 1)->learned->len, is_found ? 0 : 1);
    media_book_free(scene.book);
  }
}

/* A description that is repeated is kept once if it is one of the last eight. */
static void test_repetitions_are_bounded(void **state)
{
  enum { SHARED_BACK = 8 };

  (void) state;
  for (uint32_t between = SHARED_BACK - 1; between <= SHARED_BACK; between++) {
    Scene scene = scene_new();

    for (uint32_t n = 0; n <= between + 1; n++) {
      g_autofree char *offer = g_strdup_printf(
        "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio %u RTP/AVP 0\r\n", 10000 + (n <= between ? n : 0));
      note(&scene, REQUEST(UPDATE, A, B, .transaction = 1 + n, .dialog = 1), offer);
    }
    bool is_shared = between < SHARED_BACK;
    assert_int_equal(media_book_call(scene.book, 1)->description_count,
                     between + (is_shared ? 1 : 2));
    media_book_free(scene.book);
  }
}

static const MediaExchange *exchange_at(const MediaCall *call, guint index)
{
  return &g_array_index(call->exchanges, MediaExchange, index);
}

/* One that is answered when 256 came after it is gone; the answer is nobody else's. */
static void test_exchanges_are_bounded(void **state)
{
  (void) state;
  for (uint32_t later = MEDIA_EXCHANGES_MAX - 1; later <= MEDIA_EXCHANGES_MAX; later++) {
    Scene scene = scene_new();

    note(&scene, REQUEST(INVITE, B, P, .transaction = 1), AUDIO("10.0.0.1", 4000, ""));
    for (uint32_t n = 1; n <= later; n++)
      note(&scene, REQUEST(UPDATE, A, B, .transaction = 1 + n, .dialog = 1),
           AUDIO("10.0.0.1", 4000, ""));
    const MediaCall *call = media_book_call(scene.book, 1);
    assert_int_equal(call->exchanges->len, MEDIA_EXCHANGES_MAX);
    bool is_there = later < MEDIA_EXCHANGES_MAX;
    assert_int_equal(exchange_at(call, 0)->offer_message, is_there ? 1 : 2);
    note(&scene, RESPONSE(200, INVITE, P, B, .transaction = 1, .dialog = 2),
         AUDIO("10.0.0.2", 5000, ""));
    for (guint i = 0; i < call->exchanges->len; i++)
      assert_int_equal(exchange_at(call, i)->answer != NULL, is_there && i == 0);
    media_book_free(scene.book);
  }
}

#define CODEC(address, port, codec)                                                                \
  "v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\nm=audio " #port    \
  " RTP/AVP 96\r\na=rtpmap:96 " codec "\r\n"

/* An offer of B and the answer of A, or its refusal: the payload type is another codec, and B gets
 * media at that port. */
#define REOFFER(scene, number, port, codec, code)                                                  \
  do {                                                                                             \
    note(scene, REQUEST(INVITE, B, A, .transaction = number, .dialog = 1),                         \
         CODEC("10.0.0.2", port, codec));                                                          \
    note(scene, RESPONSE(code, INVITE, A, B, .transaction = number, .dialog = 1),                  \
         code < 300 ? CODEC("10.0.0.1", 4000, codec) : NULL);                                      \
  } while (0)

static void begin_mapped(Scene *scene)
{
  note(scene, REQUEST(INVITE, A, B, .transaction = 1), CODEC("10.0.0.1", 4000, "PCMU/8000"));
  note(scene, RESPONSE(200, INVITE, B, A, .transaction = 1, .dialog = 1),
       CODEC("10.0.0.2", 5000, "PCMU/8000"));
  scene->last.time_ns += SECOND;
}

/* In force from the answer on; not where it was refused, or media go elsewhere by it. */
static void test_terms(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];

  (void) state;
  begin_mapped(&scene);
  REOFFER(&scene, 2, 5000, "G722/8000", 200);
  int64_t answer_ns = scene.last.time_ns;
  REOFFER(&scene, 3, 5000, "GSM/8000", 488);
  REOFFER(&scene, 4, 5002, "L16/8000", 200);
  REOFFER(&scene, 5, 5000, "opus/48000/2", 200);

  const Stream stream = {"10.0.0.1", 4000, "10.0.0.2", 5000, 3, 100, .payload_type = 96};
  assert_int_equal(owners(&scene, stream, found), 1);
  assert_string_equal(media_line_payload(found[0].line, 96)->name, "PCMU");
  assert_int_equal(found[0].term_count, 2);
  assert_int_equal(found[0].terms[0].from_ns, answer_ns);
  assert_int_equal(found[0].terms[0].line->rtp.port, 5000);
  assert_string_equal(media_line_payload(found[0].terms[0].line, 96)->name, "G722");
  assert_int_equal(found[0].terms[0].from_line->rtp.port, 4000);
  assert_string_equal(media_line_payload(found[0].terms[1].line, 96)->name, "opus");

  /* back, where the place stays the same all the time */
  const Stream back = {"10.0.0.2", 5000, "10.0.0.1", 4000, 3, 100, .payload_type = 96};
  assert_int_equal(owners(&scene, back, found), 1);
  assert_int_equal(found[0].term_count, 3);
  assert_string_equal(media_line_payload(found[0].terms[1].line, 96)->name, "L16");

  /* a stream that ended before, and one that began after */
  assert_int_equal(owners(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 2, 3}, found), 1);
  assert_int_equal(found[0].term_count, 0);
  const Stream late = {"10.0.0.1", 4000, "10.0.0.2", 5000, 50, 100, .payload_type = 96};
  assert_int_equal(owners(&scene, late, found), 1);
  assert_int_equal(found[0].term_count, 0);
  assert_string_equal(media_line_payload(found[0].line, 96)->name, "opus");
  media_book_free(scene.book);
}

static void test_terms_limit(void **state)
{
  Scene scene = scene_new();
  MediaOwner found[MEDIA_OWNERS_MAX];

  (void) state;
  begin_mapped(&scene);
  for (uint32_t i = 0; i <= MEDIA_TERMS_MAX; i++) {
    const Stream stream = {"10.0.0.1", 4000, "10.0.0.2", 5000, 3, 100 + i};
    assert_int_equal(owners(&scene, stream, found), 1);
    assert_int_equal(found[0].term_count, i);
    REOFFER(&scene, i + 2, 5000, "G722/8000", 200);
  }
  assert_int_equal(owners(&scene, (Stream){"10.0.0.1", 4000, "10.0.0.2", 5000, 3, 999}, found), 1);
  assert_int_equal(found[0].term_count, MEDIA_TERMS_MAX);
  media_book_free(scene.book);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_answered),
    cmocka_unit_test(test_any_number),
    cmocka_unit_test(test_terms),
    cmocka_unit_test(test_terms_limit),
    cmocka_unit_test(test_before),
    cmocka_unit_test(test_nat),
    cmocka_unit_test(test_tcp),
    cmocka_unit_test(test_learning_is_bounded),
    cmocka_unit_test(test_other_exchanges),
    cmocka_unit_test(test_reinvite),
    cmocka_unit_test(test_failure),
    cmocka_unit_test(test_forks),
    cmocka_unit_test(test_proxy),
    cmocka_unit_test(test_shared),
    cmocka_unit_test(test_port_reuse),
    cmocka_unit_test(test_places),
    cmocka_unit_test(test_many_lines),
    cmocka_unit_test(test_many_offers),
    cmocka_unit_test(test_many_legs),
    cmocka_unit_test(test_shared_port),
    cmocka_unit_test(test_claims_are_bounded),
    cmocka_unit_test(test_sources_are_bounded),
    cmocka_unit_test(test_repetitions_are_bounded),
    cmocka_unit_test(test_exchanges_are_bounded),
  };

  return cmocka_run_group_tests_name("media_book", tests, NULL, NULL);
}
