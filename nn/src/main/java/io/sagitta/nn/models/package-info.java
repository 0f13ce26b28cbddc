/**
 * Networks by name, their weights on a backend and in files, and trained networks that answer
 * queries.
 */
package io.sagitta.nn.models;
