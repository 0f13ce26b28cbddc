/** Hands models to devices: a worker a device, a queue of models, another try on a lost device. */
package io.sagitta.attack.work;
