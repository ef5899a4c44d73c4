/*
 * gb_device ADDRESS PLATFORM-ADDRESS: a camera with three channels and an alarm input.  It
 * registers, sends keep-alives, answers requests and sends media; it ends after the BYE.
 */
#include "tests/gb_peers/peer.h"

#include <stdlib.h>
#include <string.h>

#define DEVICE "34020000001320000001"
#define PLATFORM "34020000002000000001"

enum {
  REGISTER_CSEQ = 1,
  KEEPALIVE_MS = 250,
  FRAME_MS = 10,
  MEDIA_PORT = 40000,
  PACKETS = 50,
  PAYLOAD = 400,
};

typedef struct {
  Peer peer;                 /* first: callbacks get a pointer to it */
  char *call_id;             /* of the REGISTERs */
  unsigned keepalives, sent; /* sent so far; `sent`: packets of media */
  int media;                 /* socket */
  int media_port;            /* port of the platform, from its offer */
  uint32_t ssrc;
} Device;

static void send_register(Device *device, const char *authorization)
{
  g_autofree char *headers = g_strconcat(authorization, "Expires: 3600\r\nX-GB-Ver: 2.0\r\n", NULL);

  peer_send(&device->peer,
            &(PeerRequest){.method = "REGISTER",
                           .call_id = device->call_id,
                           .to = "<sip:" DEVICE "@" PEER_DOMAIN ">",
                           .headers = headers,
                           .cseq = *authorization ? REGISTER_CSEQ + 1 : REGISTER_CSEQ});
}

static void send_credentials(Device *device, osip_message_t *challenge)
{
  osip_www_authenticate_t *asked = NULL;

  if (osip_message_get_www_authenticate(challenge, 0, &asked) != 0 || !asked->nonce ||
      strlen(asked->nonce) < 2)
    peer_fail("a 401 without a nonce in quotes");
  g_autofree char *nonce = g_strndup(asked->nonce + 1, strlen(asked->nonce) - 2);
  const char *uri = "sip:" PLATFORM "@" PEER_DOMAIN;
  g_autofree char *response = peer_digest(DEVICE, nonce, "REGISTER", uri);
  g_autofree char *line =
    g_strdup_printf("Authorization: Digest username=\"" DEVICE "\", realm=\"" PEER_DOMAIN
                    "\", nonce=\"%s\", uri=\"%s\", response=\"%s\", algorithm=MD5\r\n",
                    nonce, uri, response);
  send_register(device, line);
}

static void send_message(Peer *peer, const char *root, const char *rest)
{
  g_autofree char *text = g_strdup_printf("<?xml version=\"1.0\" encoding=\"GB2312\"?>\n"
                                          "<%s>\n%s</%s>\n",
                                          root, rest, root);
  g_autofree char *body = g_convert(text, -1, "GB2312", "UTF-8", NULL, NULL, NULL);

  if (!body)
    peer_fail("this system cannot convert to GB 2312");
  peer_send(peer,
            &(PeerRequest){.method = "MESSAGE", .type = "Application/MANSCDP+xml", .body = body});
}

static gboolean send_keepalive(gpointer data)
{
  Device *device = data;
  g_autofree char *rest = g_strdup_printf("<CmdType>Keepalive</CmdType>\n<SN>%u</SN>\n"
                                          "<DeviceID>" DEVICE "</DeviceID>\n<Status>OK</Status>\n",
                                          ++device->keepalives);

  send_message(&device->peer, "Notify", rest);
  return G_SOURCE_CONTINUE;
}

/* Two items per message, as devices send them over UDP. */
static void send_catalog(Peer *peer)
{
  static const char *const ITEMS[][2] = {{"34020000001310000001", "前门"},
                                         {"34020000001310000002", "后门"},
                                         {"34020000001310000003", "车库"},
                                         {"34020000001340000001", "报警输入"}};

  for (size_t i = 0; i < G_N_ELEMENTS(ITEMS); i += 2) {
    g_autoptr(GString) rest =
      g_string_new("<CmdType>Catalog</CmdType>\n<SN>1</SN>\n<DeviceID>" DEVICE
                   "</DeviceID>\n<SumNum>4</SumNum>\n"
                   "<DeviceList Num=\"2\">\n");
    for (size_t k = i; k < i + 2; k++)
      g_string_append_printf(rest,
                             "<Item>\n<DeviceID>%s</DeviceID>\n<Name>%s</Name>\n<ParentID>" DEVICE
                             "</ParentID>\n<Status>ON</Status>\n</Item>\n",
                             ITEMS[k][0], ITEMS[k][1]);
    g_string_append(rest, "</DeviceList>\n");
    send_message(peer, "Response", rest->str);
  }
}

static void take_message(Peer *peer, osip_transaction_t *t)
{
  peer_answer(t, 200, NULL, NULL);
  if (peer_body_has(t->orig_request, "<CmdType>Catalog<"))
    send_catalog(peer);
}

static unsigned long number_after(const char *text, const char *word)
{
  const char *found = strstr(text, word);

  if (!found)
    peer_fail("an offer without video or y=");
  return strtoul(found + strlen(word), NULL, 10);
}

static void take_invite(Device *device, osip_transaction_t *t)
{
  const Peer *peer = &device->peer;
  const char *offer = peer_body(t->orig_request);

  device->ssrc = (uint32_t) number_after(offer, "y=");
  device->media_port = (int) number_after(offer, "m=video ");
  g_autofree char *body =
    g_strdup_printf("v=0\r\no=" DEVICE " 0 0 IN IP4 %s\r\ns=Play\r\nc=IN IP4 %s\r\nt=0 0\r\n"
                    "m=video %d RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\ny=%010u\r\n",
                    peer->address, peer->address, MEDIA_PORT, device->ssrc);
  peer_answer(t, 100, NULL, NULL);
  peer_answer(t, 200, NULL, body);
}

static void take_request(Peer *peer, osip_transaction_t *t)
{
  if (MSG_IS_INVITE(t->orig_request)) {
    take_invite((Device *) peer, t);
  } else if (MSG_IS_BYE(t->orig_request)) {
    peer_answer(t, 200, NULL, NULL);
    peer_end(peer);
  } else {
    take_message(peer, t);
  }
}

static void take_response(Peer *peer, osip_message_t *response)
{
  Device *device = (Device *) peer;
  bool is_register = MSG_IS_RESPONSE_FOR(response, "REGISTER");

  if (is_register && response->status_code == 401)
    send_credentials(device, response);
  else if (response->status_code != 200)
    peer_fail("the platform refused a request");
  else if (is_register)
    g_timeout_add(KEEPALIVE_MS, send_keepalive, device);
}

static void append_u32(GString *packet, uint32_t value)
{
  for (int shift = 24; shift >= 0; shift -= 8)
    g_string_append_c(packet, (char) (value >> shift & 0xFF));
}

/* RTP (RFC 3550 5.1) with a pack header and a packet of a program stream (ISO/IEC 13818-1). */
static gboolean send_frame(gpointer data)
{
  static const char PACK[] = "\0\0\1\xba\x44\0\4\0\4\1\0\0\3\xf8\0\0\1\xe0\0\0\x80\0\0";
  Device *device = data;
  g_autoptr(GString) packet = g_string_new(NULL);

  append_u32(packet, 0x80E00000 | device->sent);
  append_u32(packet, device->sent * 3600);
  append_u32(packet, device->ssrc);
  g_string_append_len(packet, PACK, sizeof PACK - 1);
  g_string_set_size(packet, packet->len + PAYLOAD);
  memset(packet->str + packet->len - PAYLOAD, 0x55, PAYLOAD);
  peer_send_to(device->media, device->peer.other, device->media_port, packet);
  return ++device->sent < PACKETS;
}

static void take_ack(Peer *peer)
{
  g_timeout_add(FRAME_MS, send_frame, peer);
}

int main(int count, char **words)
{
  static const PeerRole ROLE = {take_request, take_response, take_ack};
  if (count != 3)
    peer_fail("usage: gb_device ADDRESS PLATFORM-ADDRESS");
  Device device = {
    .peer = {.role = &ROLE, .id = DEVICE, .other_id = PLATFORM, .cookie = "z9hG4bK"},
    .call_id = g_strdup_printf("%u", g_random_int()),
    .media = peer_bind(words[1], MEDIA_PORT),
  };

  device.peer.address = words[1];
  device.peer.other = words[2];
  peer_init(&device.peer);
  send_register(&device, "");
  peer_run(&device.peer);
  g_free(device.call_id);
  return 0;
}
