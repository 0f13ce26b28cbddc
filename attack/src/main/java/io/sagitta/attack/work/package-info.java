/** Hands models to devices: a worker a device or several on the host, a queue of models, another try on a lost device. */
package io.sagitta.attack.work;
