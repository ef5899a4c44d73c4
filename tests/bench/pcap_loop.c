/* libpcap's own read loop over a file: the least time that a program on libpcap can take. */
#include <pcap.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
  char error[PCAP_ERRBUF_SIZE] = "usage: pcap_loop FILE";
  pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
  struct pcap_pkthdr *head;
  const u_char *data;
  uint64_t packets = 0, octets = 0;

  if (!pcap) {
    fprintf(stderr, "%s\n", error);
    return 2;
  }
  while (pcap_next_ex(pcap, &head, &data) == 1) {
    packets++;
    octets += head->caplen;
  }
  pcap_close(pcap);
  printf("%llu packets, %llu octets\n", (unsigned long long) packets, (unsigned long long) octets);
  return 0;
}
