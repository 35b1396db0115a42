// SPDX-License-Identifier: MIT
// One function of C for a fuzzer: decodes a value of TYPE as rpcgen's code does, and frees it.
#include <rpc/rpc.h>
#include <stdint.h>
#include <string.h>

#include HEADER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    XDR xdr;
    TYPE value;
    memset(&value, 0, sizeof(value));
    xdrmem_create(&xdr, (char *)(uintptr_t)data, (u_int)size, XDR_DECODE);
    (void)FILTER(&xdr, &value);
    xdr_destroy(&xdr);
    xdr_free((xdrproc_t)FILTER, (char *)&value);
    return 0;
}
