/** Training the models of a run, one after another, so that it can stop and go on at any moment. */
package io.sagitta.attack.shadow;
