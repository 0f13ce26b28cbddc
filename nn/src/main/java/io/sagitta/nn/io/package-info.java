/**
 * Files: tensors in the safetensors format, graphs in ONNX's, writing that survives a crash at any
 * moment, and hashes. Nothing here trusts what it reads: a bad file ends in a
 * {@link io.sagitta.nn.io.BadFileException} before memory is spent on its claims.
 */
package io.sagitta.nn.io;
