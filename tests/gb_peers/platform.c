/*
 * gb_platform ADDRESS DEVICE-ADDRESS: the platform.  It checks the password of the device; after
 * three keep-alives it asks for the catalog, turns the camera, receives its media, and ends.  The
 * exit status is 0 if all of this was answered.
 */
#include "tests/gb_peers/peer.h"

#include <arpa/inet.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DEVICE "34020000001320000001"
#define CHANNEL "34020000001310000001"
#define PLATFORM "34020000002000000001"
#define NONCE "6fe9ba44a76be22a"
#define SSRC "0200000001"

enum { MEDIA_PORT = 30000, KEEPALIVES = 3, ITEMS = 4, PACKETS = 50 };

typedef struct {
  Peer peer;                           /* first: callbacks get a pointer to it */
  unsigned keepalives, parts, packets; /* received so far; `parts`: of the catalog */
  osip_message_t *ok;                  /* of the INVITE */
} Platform;

static void send_message(Peer *peer, const char *user, const char *root, const char *rest)
{
  g_autofree char *body = g_strdup_printf("<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n"
                                          "<%s>\r\n%s</%s>\r\n",
                                          root, rest, root);

  peer_send(peer,
            &(PeerRequest){
              .method = "MESSAGE", .user = user, .type = "Application/MANSCDP+xml", .body = body});
}

static void ask_for_catalog(Peer *peer)
{
  send_message(peer, NULL, "Query",
               "<CmdType>Catalog</CmdType>\r\n<SN>1</SN>\r\n<DeviceID>" DEVICE "</DeviceID>\r\n");
}

static void turn_camera(Peer *peer)
{
  send_message(peer, CHANNEL, "Control",
               "<CmdType>DeviceControl</CmdType>\r\n<SN>2</SN>\r\n<DeviceID>" CHANNEL
               "</DeviceID>\r\n<PTZCmd>A50F01029600004D</PTZCmd>\r\n");
}

static void play(Peer *peer)
{
  g_autofree char *body =
    g_strdup_printf("v=0\r\no=" PLATFORM " 0 0 IN IP4 %s\r\ns=Play\r\nc=IN IP4 %s\r\nt=0 0\r\n"
                    "m=video %d RTP/AVP 96 98\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\n"
                    "a=rtpmap:98 H264/90000\r\ny=" SSRC "\r\nf=v/2/6/25/1/4096a///\r\n",
                    peer->address, peer->address, MEDIA_PORT);

  peer_send(peer, &(PeerRequest){.method = "INVITE",
                                 .user = CHANNEL,
                                 .headers = "Subject: " CHANNEL ":" SSRC "," PLATFORM ":0\r\n",
                                 .type = "APPLICATION/SDP",
                                 .body = body});
}

static void end_play(Platform *platform)
{
  const osip_message_t *ok = platform->ok;
  char *to = NULL;

  if (osip_to_to_str(ok->to, &to) != 0)
    peer_fail("a 200 without To");
  peer_send(&platform->peer, &(PeerRequest){.method = "BYE",
                                            .user = CHANNEL,
                                            .call_id = ok->call_id->number,
                                            .from_tag = peer_tag(ok->from),
                                            .to = to,
                                            .cseq = PEER_CSEQ + 1});
  osip_free(to);
}

static bool is_authorized(osip_message_t *request)
{
  osip_authorization_t *given = NULL;

  if (osip_message_get_authorization(request, 0, &given) != 0)
    return false;
  g_autofree char *right = peer_digest(DEVICE, NONCE, "REGISTER", "sip:" PLATFORM "@" PEER_DOMAIN);
  g_autofree char *quoted = g_strdup_printf("\"%s\"", right);
  if (!given->response || strcmp(given->response, quoted) != 0)
    peer_fail("the device has another password");
  return true;
}

static void take_register(osip_transaction_t *t)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *date = g_date_time_format(now, "Date: %Y-%m-%dT%H:%M:%S.000\r\n");
  g_autofree char *granted = g_strconcat(date, "Expires: 3600\r\n", NULL);

  if (is_authorized(t->orig_request))
    peer_answer(t, 200, granted, NULL);
  else
    peer_answer(t, 401,
                "WWW-Authenticate: Digest realm=\"" PEER_DOMAIN "\", nonce=\"" NONCE
                "\", algorithm=MD5\r\n",
                NULL);
}

static void take_message(Platform *platform, osip_transaction_t *t)
{
  const osip_message_t *message = t->orig_request;

  peer_answer(t, 200, NULL, NULL);
  if (peer_body_has(message, "<CmdType>Keepalive<")) {
    if (++platform->keepalives == KEEPALIVES)
      ask_for_catalog(&platform->peer);
  } else if (peer_body_has(message, "<CmdType>Catalog<") && ++platform->parts == ITEMS / 2) {
    turn_camera(&platform->peer);
  }
}

static void take_request(Peer *peer, osip_transaction_t *t)
{
  if (MSG_IS_REGISTER(t->orig_request))
    take_register(t);
  else
    take_message((Platform *) peer, t);
}

static void take_response(Peer *peer, osip_message_t *response)
{
  Platform *platform = (Platform *) peer;

  if (response->status_code != 200)
    peer_fail("the device refused a request");
  if (MSG_IS_RESPONSE_FOR(response, "INVITE")) {
    if (!peer_body_has(response, "y=" SSRC))
      peer_fail("the answer has another SSRC than the offer");
    peer_send_ack(peer, response);
    osip_message_clone(response, &platform->ok);
  } else if (MSG_IS_RESPONSE_FOR(response, "BYE")) {
    peer_end(peer);
  } else if (platform->parts == ITEMS / 2) {
    play(peer);
  }
}

static void take_ack(Peer *peer)
{
  (void) peer;
  peer_fail("received an ACK without an INVITE");
}

/* RFC 3550 5.1: the SSRC is in bytes 8 to 11. */
static gboolean take_media(int from, GIOCondition condition, gpointer data)
{
  Platform *platform = data;
  uint8_t packet[1500];
  uint32_t ssrc;

  (void) condition;
  if (recv(from, packet, sizeof packet, 0) < 12)
    peer_fail("received a packet that is not RTP");
  memcpy(&ssrc, packet + 8, sizeof ssrc);
  if (ntohl(ssrc) != strtoul(SSRC, NULL, 10))
    peer_fail("the media have another SSRC");
  if (++platform->packets == PACKETS)
    end_play(platform);
  return G_SOURCE_CONTINUE;
}

int main(int count, char **words)
{
  static const PeerRole ROLE = {take_request, take_response, take_ack};
  if (count != 3)
    peer_fail("usage: gb_platform ADDRESS DEVICE-ADDRESS");
  Platform platform = {
    /* Not the magic cookie of RFC 3261: one platform sends this. */
    .peer = {.role = &ROLE, .id = PLATFORM, .other_id = DEVICE, .cookie = "z3hG9bK"},
  };

  platform.peer.address = words[1];
  platform.peer.other = words[2];
  peer_init(&platform.peer);
  g_unix_fd_add(peer_bind(words[1], MEDIA_PORT), G_IO_IN, take_media, &platform);
  peer_run(&platform.peer);
  osip_message_free(platform.ok);
  return 0;
}
