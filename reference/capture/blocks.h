// SPDX-License-Identifier: MIT
// Numbers of the two forms of files, for who writes and who reads them.
#pragma once

#define VW_BLOCK_SECTION   0x0a0d0d0au
#define VW_BLOCK_INTERFACE 1u
#define VW_BLOCK_SIMPLE    3u /* a packet without a time */
#define VW_BLOCK_PACKET    6u
#define VW_BLOCK_SECRETS   10u

#define VW_SECTION_MAGIC 0x1a2b3c4du
#define VW_SECRETS_TLS   0x544c534bu

/* Options; those of a block's kind begin at 2. */
#define VW_OPTION_COMMENT     1u
#define VW_OPTION_NAME        2u  /* of an interface */
#define VW_OPTION_APPLICATION 4u  /* of a section */
#define VW_OPTION_RESOLUTION  9u  /* of an interface */
#define VW_OPTION_OFFSET      14u /* of an interface: seconds */
#define VW_OPTION_MAX         65532u

#define VW_PCAP_MAGIC_US 0xa1b2c3d4u
#define VW_PCAP_MAGIC_NS 0xa1b23c4du

/* The longest packet that anybody captures. */
#define VW_PACKET_MAX 262144u

#define VW_NS        1000000000
#define VW_PADDED(n) (((n) + 3) & ~(size_t)3)
