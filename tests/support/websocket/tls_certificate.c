#include "websocket/tls_certificate.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cmocka_all.h"
#include "support.h"

struct tls_certificate {
    SSL_CTX *context;
    char folder[200];
    char file[220];
};

static X509 *sign_certificate(EVP_PKEY *key, const char *address)
{
    char name[64];
    X509 *made = X509_new();
    (void)snprintf(name, sizeof name, "IP:%s", address);
    X509_EXTENSION *address_part = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, name);
    X509_EXTENSION *authority = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");
    assert_non_null(made);
    assert_non_null(address_part);
    assert_non_null(authority);
    X509_NAME *subject = X509_get_subject_name(made);
    assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made), 24L * 3600));
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"throw-away", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(made, subject), 1);
    assert_int_equal(X509_set_pubkey(made, key), 1);
    assert_int_equal(X509_add_ext(made, address_part, -1), 1);
    assert_int_equal(X509_add_ext(made, authority, -1), 1);
    assert_true(X509_sign(made, key, EVP_sha256()) > 0);
    X509_EXTENSION_free(address_part);
    X509_EXTENSION_free(authority);
    return made;
}

struct tls_certificate *tls_certificate_create(const char *address)
{
    struct tls_certificate *certificate = calloc(1, sizeof *certificate);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(certificate);
    assert_non_null(key);
    X509 *made = sign_certificate(key, address);
    support_make_folder(certificate->folder, sizeof certificate->folder);
    (void)snprintf(certificate->file, sizeof certificate->file, "%s/ca.pem", certificate->folder);
    FILE *file = fopen(certificate->file, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, made), 1);
    assert_int_equal(fclose(file), 0);
    certificate->context = SSL_CTX_new(TLS_server_method());
    assert_non_null(certificate->context);
    assert_int_equal(SSL_CTX_use_certificate(certificate->context, made), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(certificate->context, key), 1);
    X509_free(made);
    EVP_PKEY_free(key);
    return certificate;
}

void tls_certificate_destroy(struct tls_certificate *certificate)
{
    if (certificate != NULL) {
        SSL_CTX_free(certificate->context);
        support_remove_folder(certificate->folder);
        free(certificate);
    }
}

const char *tls_certificate_file(const struct tls_certificate *certificate)
{
    return certificate->file;
}

SSL *tls_certificate_accept(struct tls_certificate *certificate, int fd)
{
    SSL *tls = SSL_new(certificate->context);
    if (tls != NULL && (SSL_set_fd(tls, fd) != 1 || SSL_accept(tls) != 1)) {
        SSL_free(tls);
        tls = NULL;
    }
    return tls;
}
